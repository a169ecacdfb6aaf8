"""Image–caption retrieval: does mixing the images help a network to find captions, and captions to find images?"""
