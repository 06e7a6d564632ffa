"""From a name straight to its store, while nothing that led there has changed.

Looking a name up imports YAML and parses every registry file, which takes longer than
the rest of a later `load`. So the lookup leaves a digest of all that decided it in the
cache, in the file that says when the store was last used: of the name, the registry's
files, this package, the store's manifest, and the tokenizer and aliases, which stand
beside it. A later `load` opens the store only if the same digest results again. A
digest that is missing, damaged or outdated means that the name is looked up.

The digest is not a cryptographic one. A forged one cannot do harm: it can only lead to
a store of that name in the cache, which whoever may write to the cache could forge as
well.
"""

from contextlib import suppress

from xxhash import xxh3_128_hexdigest

from ..cache import Cache
from ..cache.places import name_folders, read_name
from ..cache.records import read_record, write_record
from ..registries import Registry
from ..registry import Tokenizer
from ..version import __version__
from .layout import holds_text_of
from .numbers import NumberType
from .reader import Store


def follow_shortcut(
    name: str, registry: Registry, cache: Cache, dtype: NumberType = "float32"
) -> tuple[Store, Tokenizer | None] | None:
    """Return the store and tokenizer that a name led to before; None if it did not.

    The name is as it was passed to `load`, and may be invalid.
    """
    if registry.fingerprint is None:
        return None
    called, at, revision = f"{name}".partition("@")
    # Faults of a store or of the cache are reported after looking the name up.
    with suppress(OSError):
        folders = [
            (folder, known.variant)
            for folder in cache.stores.iterdir()
            if (known := read_name(folder.name)) and known.dtype == dtype
        ]
        # Only for an alias are the records of other variants read.
        own = [each for each in folders if each[1] == called]
        for folder, variant in own or folders:
            with suppress(OSError):
                record = read_record(cache.used / folder.name) or {}
                aliases = record.get("aliases")
                if not own and not (isinstance(aliases, list) and called in aliases):
                    continue
                digest = record.get("lookup")
                tokenizer: Tokenizer | None = record.get("tokenizer")
                # Opened before comparing, as another process may replace it.
                store = Store.open(folder) if digest else None
                reference = f"{variant}{at}{revision}"
                if store and digest == _digest(
                    reference, registry, store, tokenizer, aliases
                ):
                    return store, tokenizer
    return None


def leave_shortcut(name: str, registry: Registry, cache: Cache, store: Store) -> None:
    """Record that a name led to a store; a read-only cache stays as it is."""
    if registry.fingerprint is None:
        return
    variant = registry.find(name)
    # Not if a trusted hash or the caller's sha256 led there: both are asked for again.
    dtype = store.manifest.dtype
    names = name_folders(variant.name, variant.key, dtype) if variant.key else []
    if store.folder.name not in names or not holds_text_of(store.manifest, variant):
        return
    # Those that do not lead to another variant.
    aliases = [a for a in variant.aliases if registry.find(a).name == variant.name]
    _, at, revision = name.partition("@")
    reference = f"{variant.name}{at}{revision}"
    tokenizer = variant.tokenizer
    with suppress(OSError):
        write_record(
            cache.used / store.folder.name,
            cache,
            lookup=_digest(reference, registry, store, tokenizer, aliases),
            tokenizer=tokenizer,
            aliases=aliases,
        )


def _digest(
    reference: str,
    registry: Registry,
    store: Store,
    tokenizer: Tokenizer | None,
    aliases: object,
) -> str:
    # With the manifest, as the same bytes can be compiled again in another way.
    found = store.folder.name, store.manifest, tokenizer, aliases
    decided = ascii((__version__, reference, registry.fingerprint, *found))
    return xxh3_128_hexdigest(decided.encode())
