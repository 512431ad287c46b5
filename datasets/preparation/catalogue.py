"""What is known of a published data set before it is opened: where it comes from, what it costs, where its files belong."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datasets.data_folder import found
from foundation.errors import UserError


@dataclass(frozen=True)
class PublishedFile:
    """One download, and what becomes of it in the data folder.

    `name` is the file as it is downloaded, `mirrors` its addresses in the order to try (none: it is brought by hand). `places` are
    where loaders look. A file is put at the first of them; of an archive the folder `inside` ("" for all) becomes `unpacked_to`, which
    takes `unpacked_bytes`, about. `bytes_` is the size of the download, about; `hash_` (md5:... or sha256:...) its hash, and
    `unpacked_hash` that of what comes out of gzip.
    """

    name: str
    places: tuple[str, ...]
    bytes_: int
    mirrors: tuple[str, ...] = ()
    hash_: str | None = None
    unpacked_hash: str | None = None
    inside: str = ""
    unpacked_to: str | None = None
    unpacked_bytes: int | None = None

    @property
    def place(self) -> str:
        """Where it is put."""
        return self.unpacked_to or self.places[0]

    @property
    def kept(self) -> bool:
        """Whether the download itself, rather than what is unpacked from it, lies in its place."""
        return self.unpacked_to is None and not self.compressed

    @property
    def compressed(self) -> bool:
        """Whether it is one file under gzip."""
        return self.unpacked_to is None and self.name.endswith(".gz") and not self.place.endswith(".gz")

    def hash_of(self, path: Path) -> str | None:
        """What the file at one of its places must hash to, None where nobody knows: for a folder, or another edition by its name."""
        if path.name == self.name:
            return self.hash_
        return self.unpacked_hash if self.compressed and path.name == Path(self.place).name else None


@dataclass(frozen=True)
class PublishedSet:
    """A data set as it was published.

    `loader` is the module whose `check` knows its structure (of this `edition`, where it knows several); `stand_in` says what stands in
    for it where that is not the data set rendered_NAME; `packed_as` are the stores that loaders make of it (names in the cache);
    `serves` other sets that read the same files; `by_hand` says what to do where some file has no mirror; `note` what else a user
    should know.
    """

    name: str
    publisher: str
    licence: str
    files: tuple[PublishedFile, ...]
    loader: str
    edition: tuple[str, ...] = ()
    stand_in: str | None = None
    packed_as: tuple[str, ...] = ()
    serves: tuple[str, ...] = ()
    by_hand: str = ""
    note: str = ""

    @property
    def bytes_(self) -> int:
        return sum(file.bytes_ for file in self.files)

    @property
    def fetched(self) -> bool:
        """Whether every file has an address to fetch it from."""
        return all(file.mirrors for file in self.files)

    def present(self, root: str | Path | None) -> list[Path]:
        """What is there of its files, one path for each that is."""
        return [path for file in self.files if (path := found(file.places, root)) is not None]


def plain_name(name: str) -> str:
    """The name as it stands in file names: configurations are called texture_dsprites, the set texture-dsprites."""
    return name.replace("-", "_").lower()


def published(name: str, sets: tuple[PublishedSet, ...]) -> PublishedSet:
    """The set of that name, or the one whose files a set of that name reads. Raises UserError for a name that nothing has."""
    for one in sets:
        if plain_name(name) in map(plain_name, (one.name, *one.serves)):
            return one
    if plain_name(name).startswith("rendered_"):
        raise UserError(f"{name} is rendered here and needs no file")
    raise UserError(f"there is no published set {name!r}; there are {', '.join(one.name for one in sets)}")
