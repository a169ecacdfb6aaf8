"""Networks by name. Each says where its class activation maps come from."""

from .modes import evaluating
from .registry import MODELS, create_model, model_arguments, parse_arguments, unsuited

__all__ = ["MODELS", "create_model", "evaluating", "model_arguments", "parse_arguments", "unsuited"]
