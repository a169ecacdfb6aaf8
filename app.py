"""RICAP Explorer: python app.py, then open http://127.0.0.1:7860."""

import argparse
import os
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # on a busy machine threads that spin take several times as long
INTERRUPTED = signal.getsignal(signal.SIGINT)  # in the background of a script: ignored
if __name__ == "__main__" and INTERRUPTED is signal.default_int_handler:
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))  # Ctrl-C while libraries are imported
PORT = os.environ.pop("GRADIO_SERVER_PORT", "") or "7860"  # gradio ends in a traceback where it is no number

from ricap_explorer.ui.temporary import own_folder  # noqa: E402 - gradio reads the variables on import

try:
    FOLDER = own_folder()
except OSError as error:
    sys.exit(f"app.py: TMPDIR must name a folder that can be written; got none ({error.strerror})")

from ricap_explorer.ui.page import build  # noqa: E402
from ricap_explorer.ui.services import Services  # noqa: E402
from ricap_explorer.ui.theme import launch_options  # noqa: E402
from ricap_explorer.ui.upkeep import end, keep_up  # noqa: E402
from ricap_explorer.ui.warmup import warm_up  # noqa: E402

HERE = Path(__file__).parent


def parse_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument(
        "--host", default=os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1"), help="address to listen on"
    )
    parser.add_argument("--port", type=int, default=PORT, help="port to listen on")
    parser.add_argument(
        "--checkpoints", type=Path, default=HERE / "checkpoints", help="folder of trained networks, or of run folders"
    )
    parser.add_argument("--results", type=Path, default=HERE / "results", help="folder of results, or of run folders")
    parser.add_argument("--data-dir", type=Path, default=HERE / "data", help="where data sets may lie")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads for the networks; 0 takes all cores")
    options = parser.parse_args()
    for name in ("checkpoints", "results"):
        if not (folder := getattr(options, name)).is_dir():
            parser.error(f"--{name} must be a folder; {folder} is none")
    if options.threads < 0:
        parser.error(f"--threads must be 0 or more; got {options.threads}")
    return options


def main() -> None:
    """Serve the page; warm the models up once it answers."""
    options = parse_options()
    signal.signal(signal.SIGINT, INTERRUPTED)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: what visitors uploaded goes
    if options.threads > 0:
        os.environ["OMP_NUM_THREADS"] = str(options.threads)  # torch reads it when it is imported, later
    services = Services.create(HERE / "assets", options.checkpoints, options.data_dir, options.results)
    page = build(services)
    try:
        page.launch(server_name=options.host, server_port=options.port, prevent_thread_lock=True, **launch_options())
    except (OSError, OverflowError):  # gradio's own words are of ports alone, and several
        sys.exit(f"app.py: --host and --port must be free to listen on; got {options.host} and {options.port}")
    print(f"RICAP Explorer: http://{options.host}:{options.port}", flush=True)
    threading.Thread(target=warm_up, args=[services], daemon=True).start()
    keep_up(FOLDER)
    with suppress(KeyboardInterrupt):  # once more, while the server closes
        page.block_thread()
    end(FOLDER)


if __name__ == "__main__":
    main()
