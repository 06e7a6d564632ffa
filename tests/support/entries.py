"""Registry files and small vector files that tests write."""

import hashlib
import json
from pathlib import Path

SMALL = b"the 1 2 3\nof -1 0.5 2e-3\nfilm 0 0 1\n"


def sha256(content: bytes) -> str:
    """Hash bytes."""
    return hashlib.sha256(content).hexdigest()


def write_registry(folder: Path, name: str, **fields: object) -> Path:
    """Write a registry file of one entry; JSON values are YAML too."""
    path = folder / "registry.yaml"
    lines = "".join(f"    {key}: {json.dumps(v)}\n" for key, v in fields.items())
    path.write_text(f"variants:\n  {name}:\n{lines}")
    return path


def list_files(folder: Path) -> list[str]:
    """List all files below a cache folder, but for lock files, which stay."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    )
