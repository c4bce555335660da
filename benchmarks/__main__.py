"""make bench: load databases of several sizes, measure each, and write docs/performance.md.

python -m benchmarks                                          everything; about half an hour
python -m benchmarks --sizes 10000,100000 --only queue,ticket --no-write
python -m benchmarks --keep                                   leave the databases for the next run
"""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import report, servers

SIZES = "10000,100000,1000000"
# incidents all of which are open, for the sweep
ALL_OPEN = (1_000, 1_000_000)


def main() -> None:
    options = _options()
    root = Path(options.data)
    root.mkdir(mode=0o711, parents=True, exist_ok=True)
    sizes = [int(s) for s in options.sizes.split(",") if s]
    plans = {f"itsm_bench_{n}": (n, 0.1) for n in sizes}
    if options.all_open:
        plans |= {f"itsm_bench_open_{n}": (n, 1.0) for n in ALL_OPEN if not sizes or n <= max(*sizes, 1000)}
    found: dict[str, Any] = {}
    try:
        with servers.running(root, durable=False) as environment:
            for name, (count, share) in plans.items():
                print(f"{name}: loading", file=sys.stderr, flush=True)
                servers.run(servers.database(environment, name), "load", str(count), f"--open={share}")
        with servers.running(root, durable=True) as environment:
            for name, (count, share) in plans.items():
                print(f"{name}: measuring", file=sys.stderr, flush=True)
                only = options.only if share < 1 else "sweep,sweep_idle"
                own = servers.database(environment, name)
                found[name] = json.loads(servers.run(own, "measure", str(count), f"--only={only}"))
                if count == 1_000_000 and share < 1 and (not options.only or "many" in options.only):
                    found["many"] = json.loads(servers.run(own, "many", str(count)))
                    print(f"  many: {found['many']}", file=sys.stderr, flush=True)
        found = _with_earlier(root / "figures.json", found)
    finally:
        if not options.keep:
            shutil.rmtree(root, ignore_errors=True)
    print(json.dumps(found, indent=1))
    if options.write:
        report.write(found)


def _with_earlier(path: Path, found: dict[str, Any]) -> dict[str, Any]:
    """What was measured now beside what an earlier run on the same databases measured (`--keep`)."""
    earlier = json.loads(path.read_text()) if path.exists() else {}
    for name, figures in found.items():
        earlier[name] = {**earlier.get(name, {}), **figures}
    path.write_text(json.dumps(earlier))
    return dict(earlier)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", default=SIZES, help=f"how many incidents, separated by commas ({SIZES})")
    parser.add_argument("--only", default="", help="names of what to measure, separated by commas")
    parser.add_argument("--data", default=str(Path(tempfile.gettempdir()) / "itsm-bench"))
    parser.add_argument("--keep", action="store_true", help="keep the databases for the next run")
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave the page as it is")
    parser.add_argument(
        "--no-all-open", dest="all_open", action="store_false", help="without those databases"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
