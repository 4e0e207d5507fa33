"""Tables of files and folders that are left out because of their names.

They are vendored code, build output, secrets, and generated, backup and binary files. `index.include`, or a
`!pattern` in a `.corneaignore`, re-includes any of them.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from ..skip_reason import SkipKind, SkipReason


@dataclass(frozen=True, slots=True)
class VendoredFolder:
    """A rule for folders to leave out.

    `names` are the folders' names in lower case; without `names`, the rule applies to folders of any name. If
    `inside` or `beside` is given, a file of that name must exist inside or beside the folder. With
    `even_tracked`, folders are left out even if git tracks files in them.
    """

    reason: str
    names: frozenset[bytes] = frozenset()
    inside: tuple[bytes, ...] = ()
    beside: tuple[bytes, ...] = ()
    even_tracked: bool = True


def _names(text: str) -> frozenset[bytes]:
    return frozenset(text.encode().split())


_BUILD_FILES = (
    b"package.json", b"pyproject.toml", b"setup.py", b"setup.cfg", b"CMakeLists.txt", b"build.gradle",
    b"build.gradle.kts", b"pom.xml", b"Makefile", b"meson.build", b"pubspec.yaml", b"stack.yaml",
)  # fmt: skip

VENDORED = (
    # Package managers fill these folders from a lock file; nobody edits the files.
    VendoredFolder("npm packages", _names("node_modules jspm_packages")),
    VendoredFolder("Bower packages", _names("bower_components")),
    VendoredFolder("installed Python packages", _names("site-packages dist-packages __pypackages__ .eggs")),
    # `pods` is also a word of Kubernetes, but CocoaPods always writes this file.
    VendoredFolder("CocoaPods", _names("pods"), inside=(b"Manifest.lock",)),
    # `vendor` is also an ordinary word, but Go and Composer always write these files.
    VendoredFolder("vendored Go modules", _names("vendor"), inside=(b"modules.txt",)),
    VendoredFolder("Composer packages", _names("vendor"), inside=(b"autoload.php",)),
    VendoredFolder("Bundler packages", _names("bundle"), inside=(b"ruby", b"jruby")),
    VendoredFolder("Carthage packages", _names("carthage"), beside=(b"Cartfile",)),
    VendoredFolder("Elixir packages", _names("deps"), beside=(b"mix.exs",), even_tracked=False),
    # Nobody gives these names to folders of their own code.
    VendoredFolder(
        "third-party code",
        _names("third_party third-party thirdparty 3rd_party 3rd-party 3rdparty"),
    ),
    # Tools write these folders.
    VendoredFolder("Python bytecode", _names("__pycache__")),
    # Packages may have these names, too, so these rules apply only to untracked folders beside a build file.
    VendoredFolder("build output", _names("build dist out"), beside=_BUILD_FILES, even_tracked=False),
    VendoredFolder(
        "build output", _names("target"), beside=(b"Cargo.toml", b"pom.xml", b"build.sbt"), even_tracked=False
    ),
    VendoredFolder(
        "build output", _names("_build"), beside=(b"mix.exs", b"dune-project"), even_tracked=False
    ),
    VendoredFolder("build output", _names("bazel-bin bazel-out bazel-testlogs"), even_tracked=False),
    VendoredFolder("coverage report", _names("htmlcov"), even_tracked=False),
    # These folders may have any name, but always contain such a file.
    VendoredFolder("Python virtual environment", inside=(b"pyvenv.cfg",)),
    VendoredFolder("cache", inside=(b"CACHEDIR.TAG",), even_tracked=False),
)
"""The first rule that applies to a folder gives the reason."""

ALWAYS_VENDORED = frozenset(
    name for row in VENDORED if row.even_tracked and not (row.inside or row.beside) for name in row.names
)
"""Names of folders that are always left out."""

# Package managers write these lock files.
LOCK_FILES = _names("""
    package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb deno.lock poetry.lock
    uv.lock pdm.lock pixi.lock Pipfile.lock Cargo.lock go.sum go.work.sum composer.lock Gemfile.lock mix.lock
    Podfile.lock Package.resolved pubspec.lock flake.lock packages.lock.json gradle.lockfile MODULE.bazel.lock
""")

GENERATED = (
    (b".min.js", "minified"), (b".min.mjs", "minified"), (b".min.css", "minified"),
    (b".js.map", "source map"), (b".mjs.map", "source map"), (b".cjs.map", "source map"),
    (b".css.map", "source map"), (b".ts.map", "source map"),
    (b"_pb2.py", "protobuf"), (b"_pb2.pyi", "protobuf"), (b"_pb2_grpc.py", "protobuf"),
    (b".pb.go", "protobuf"), (b".pb.cc", "protobuf"), (b".pb.h", "protobuf"),
    (b".g.dart", "Dart build_runner"), (b".freezed.dart", "Dart build_runner"), (b".designer.cs", "designer"),
)  # fmt: skip
_GENERATED_ENDS = tuple(end for end, _ in GENERATED)

# Files that contain little but secrets. If a rule re-includes such a file, it is indexed with secrets masked.
_SECRETS = (
    (re.compile(rb"\.env(?:rc)?(?:\.(?!(?:.*[.-])?(?:example|sample|template|dist|defaults?|schema)$).+)?"),
     "environment"),
    (re.compile(rb"(?!.*(?:example|sample|template))[\w-]+\.env"), "environment"),
    (re.compile(rb"\.netrc|_netrc|\.pgpass|\.my\.cnf|\.git-credentials|\.htpasswd|\.s3cfg|\.boto|\.pypirc|\.npmrc|\.yarnrc\.ya?ml"
                rb"|\.dockercfg|\.vault-token|\.vault_pass(?:word)?|\.terraformrc|terraform\.rc|credentials\.tfrc\.json"),
     "passwords of a tool"),
    (re.compile(rb"id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?(?:[._-](?!pub$).*)?"), "SSH key"),
    (re.compile(rb".+\.(?:ppk|ovpn|agekey|keytab|mobileconfig)"), "key"),
    (re.compile(rb"master\.key|.*\.credentials|client_secret.*\.json|service[-_]?account.*[-_]?key.*\.json|kubeconfig|htpasswd"
                rb"|shadow|\.?secrets?\.(?:ya?ml|json|toml|env|ini|properties|tfvars)"
                rb"|.*\.secrets?\.tfvars"), "secrets"),
)  # fmt: skip

# Copies that editors keep beside a file.
_EDITORS = (
    (re.compile(rb"#.+#|\.#.+", re.DOTALL), "auto-save file"),
    (re.compile(rb".+~", re.DOTALL), "backup"),
    (re.compile(rb"\..+\.sw[a-p]", re.DOTALL), "swap file"),
)

# Endings that never name a text file. For files with other endings, the content decides.
_BINARY_KINDS = {
    "image": "png jpg jpeg gif bmp ico icns webp tif tiff psd svg svgz avif heic xcf dds tga exr",
    "sound or film": "mp3 mp4 m4a m4v wav ogg oga ogv opus flac avi mov mkv webm wmv aac mid midi",
    "archive": "zip tar gz tgz bz2 tbz2 xz txz zst lz4 lzma 7z rar jar war ear aar whl egg gem nupkg crate "
    "deb rpm apk dmg iso cab vsix xpi",
    "font": "ttf otf woff woff2 eot pfb pfm",
    "compiled": "pyc pyo pyd so dylib dll exe o obj a lib class wasm ko pdb ilk beam rlib rmeta hi dex nib "
    "gmo swc gch pch jmod",
    "document": "pdf doc docx xls xlsx ppt pptx odt ods odp epub djvu mobi vsd",
    "data": "bin db sqlite sqlite3 db3 mdb parquet feather arrow avro orc npy npz h5 hdf5 pkl pickle joblib "
    "onnx pt ckpt safetensors gguf tflite caffemodel rdb lmdb rda rdata fits grib tfrecord",
    "key or certificate": "p12 pfx jks keystore bcfks kdb kdbx pkcs12",
    "3D model": "blend fbx glb usdz",
}
BINARY = {
    b"." + ending: kind for kind, endings in _BINARY_KINDS.items() for ending in endings.encode().split()
}


def vendored(root: bytes, folder: bytes, tracked: bool) -> SkipReason | None:
    """Why `folder`, relative to `root`, is not this project's own code. Returns None if no rule applies.

    Looks on the disk for the files that the rules name.
    """
    parent, _, name = folder.rpartition(b"/")
    for row in VENDORED:
        if (row.names and name.lower() not in row.names) or (tracked and not row.even_tracked):
            continue
        places = [b"%s/%s/%s" % (root, folder, file) for file in row.inside]
        places += [b"%s/%s/%s" % (root, parent, file) for file in row.beside]
        if not places or any(os.path.lexists(place) for place in places):
            return SkipReason(SkipKind.VENDORED, row.reason)
    return None


def reason_by_name(name: bytes, *, written: bool = False) -> SkipReason | None:
    """Why a file with this name is left out, or None.

    If `written`, the repository says that the file is hand-written, so its name may look generated.
    """
    if name in LOCK_FILES and not written:
        return SkipReason(SkipKind.GENERATED, "lock file")
    lower = name.lower()
    for shape, what in _SECRETS:
        if shape.fullmatch(lower):
            return SkipReason(SkipKind.SECRETS, what)
    for shape, what in _EDITORS:
        if shape.fullmatch(name):
            return SkipReason(SkipKind.EDITOR, what)
    _, dot, ending = lower.rpartition(b".")
    if kind := BINARY.get(dot + ending):
        return SkipReason(SkipKind.BINARY, f"{kind} (.{ending.decode()})")
    if not written and lower.endswith(_GENERATED_ENDS):
        return SkipReason(SkipKind.GENERATED, next(what for end, what in GENERATED if lower.endswith(end)))
    return None


def too_large(size: int, limit: int) -> SkipReason | None:
    """The reason to skip a file of `size` bytes. Returns None if the size is at most `limit`."""
    if size <= limit:
        return None
    shown = f"{limit / 1e6:g} MB" if limit >= 100_000 else f"{limit:,} bytes"
    return SkipReason(SkipKind.LARGE, f"{shown} ({size:,} bytes)")
