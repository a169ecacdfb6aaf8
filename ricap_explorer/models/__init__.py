"""Networks by name. Each says where its class activation maps come from."""

from .registry import MODELS, create_model, model_arguments, parse_arguments

__all__ = ["MODELS", "create_model", "model_arguments", "parse_arguments"]
