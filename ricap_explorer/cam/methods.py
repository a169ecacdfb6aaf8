"""The CAM methods by name. Needs no torch, so that a page can list them before it is imported."""

CAM_METHODS: dict[str, str] = {
    "cam": "CAM (Zhou 2016)",
    "gradcam": "Grad-CAM",
    "gradcam++": "Grad-CAM++",
    "hirescam": "HiResCAM",
    "layercam": "LayerCAM",
    "xgradcam": "XGrad-CAM",
    "eigencam": "Eigen-CAM",
    "scorecam": "Score-CAM",
    "ablationcam": "Ablation-CAM",
}  # name -> readable title
