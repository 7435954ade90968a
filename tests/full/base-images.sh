#!/usr/bin/env bash
# Makes local stand-ins for well-known base images where no image registry can
# be reached, and tags them in local container storage under the names given, so
# that Dockerfiles which start FROM those names build with
#   BUILDAH_ISOLATION=chroot buildah build --format docker --pull-never .
#
#   base-images.sh NAME...     e.g. python:3.12-slim-bookworm redis:7-alpine
#
# The images are Debian with Debian's packages and this machine's Python, Node
# and Go. They show that a Dockerfile builds and its service runs; they are not
# the published images: do not push or scan them in their place. Where the
# version (or Alpine) asked for is not the one used, a line on stdout says so.
#
# Exit status: 0 all made; 1 failed; 2 usage; 3 some names have no stand-in (the
# others were made).
#
# Environment:
#   BASE_TREE    a debootstrap --variant=minbase tree to use (else one is made)
#   BASE_SUITE   Debian suite (this machine's if it is Debian, else bookworm)
#   BASE_MIRROR  Debian mirror (the one that this machine installs from)
#   BASE_CACHE   trees, .debs and wheels (/var/cache/base-images)
#   BASE_FORCE   1: make again even if nothing changed
#   BUILDAH_ISOLATION  chroot unless set
# Certificates in /usr/local/share/ca-certificates go into the images, as do
# registry settings (PIP_INDEX_URL, GOPROXY, npm registry) that hold no password.
set -euo pipefail
# Functions are called through ensure, and their text is part of an image's key.
# shellcheck disable=SC2317,SC2329
umask 022

usage() { sed -n '2,/^set -/{/^set -/d;s/^# \{0,1\}//;p;}' "$0"; }
die() { printf 'base-images: %s\n' "$*" >&2; exit 1; }
step() { printf 'base-images: %s\n' "$*" >&2; }
note() { printf '%s\n' "$*"; }

if [ $# -eq 0 ]; then usage >&2; exit 2; fi
case $1 in -h | --help) usage; exit 0 ;; esac
[ "$(id -u)" -eq 0 ] || die 'run as root'

SUITE=${BASE_SUITE:-$(sed -nE 's/^VERSION_CODENAME=(.*)/\1/p' /etc/os-release)}
grep -qx ID=debian /etc/os-release || SUITE=${BASE_SUITE:-}
SUITE=${SUITE:-bookworm}
# shellcheck disable=SC2016  # the variable is apt's own
MIRROR=${BASE_MIRROR:-$(apt-get indextargets --format '$(SITE)' 2>/dev/null | grep -m 1 -E '/debian/?$' || true)}
MIRROR=${MIRROR%/}
[ -n "$MIRROR" ] || die 'no Debian mirror is known: set BASE_MIRROR'
CACHE=${BASE_CACHE:-/var/cache/base-images}
LOCAL=localhost/base-images
LABEL='base-images.key'
export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}
MULTI=$(uname -m)
CTR='' MNT='' STAGE='' DONOR=''

# ---- host tools ------------------------------------------------------------

need() { # need COMMAND PACKAGE: install PACKAGE if COMMAND is missing
  command -v "$1" >/dev/null && return
  step "installing $2"
  if [ -z "${APT_FRESH:-}" ]; then apt-get update -qq >&2; APT_FRESH=1; fi
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$2" >&2
}

cleanup() {
  local c
  for c in $CTR $DONOR; do buildah rm "$c" >/dev/null 2>&1 || true; done
  if [ -n "$STAGE" ]; then rm -rf "$STAGE"; fi
}
trap cleanup EXIT
trap 'exit 130' INT TERM

local_cas() { find /usr/local/share/ca-certificates -name '*.crt' 2>/dev/null | sort; }
has_local_cas() { [ -n "$(local_cas)" ]; }
plain_url() { case $1 in *@*) return 1 ;; ?*) return 0 ;; *) return 1 ;; esac; } # set, no user:password
set_text() { mkdir -p "$(dirname "$1")"; cat >"$1"; }
set_exec() { set_text "$1"; chmod 755 "$1"; }

# ---- building one image ----------------------------------------------------
# Paths below $MNT must not pass through an absolute symlink of the image, such as
# Debian's /var/run: the host would follow it to its own files.

begin() { # begin scratch|IMAGE
  CTR=$(buildah from --pull-never "$1")
  MNT=$(buildah mount "$CTR")
  case $MNT in /?*) ;; *) die "no mount point for $1" ;; esac
}

run() { # run COMMAND... in the working container
  buildah run --volume "$CACHE/archives:/var/cache/apt/archives" \
    --volume "$CACHE/lists:/var/lib/apt/lists" --volume "$CACHE/empty:/etc/apt/apt.conf.d/docker-clean" \
    --env DEBIAN_FRONTEND=noninteractive "$CTR" -- "$@" >"$CACHE/run.log" 2>&1 </dev/null && return
  printf 'base-images: failed: %s\n' "$*" >&2
  tail -n 40 "$CACHE/run.log" >&2
  return 1
}

apt_in() { # apt_in PACKAGE...
  if [ -z "${LISTS_FRESH:-}" ]; then run apt-get update -qq; LISTS_FRESH=1; fi
  run apt-get install -y -qq --no-install-recommends "$@"
}

conf() { buildah --log-level error config "$@" "$CTR"; }

finish() { # finish NAME KEY VERSION
  rm -rf "${MNT:?}"/var/log/apt "$MNT"/var/log/dpkg.log "$MNT"/var/cache/debconf/*-old
  conf --label "$LABEL=$2" --label "base-images.version=$3" --label "base-images.standin=true"
  buildah umount "$CTR" >/dev/null
  buildah commit --quiet --format docker --rm "$CTR" "$LOCAL/$1" >/dev/null
  CTR='' MNT=''
}

label_of() { # label_of IMAGE LABEL
  buildah inspect --type image --format "{{index .OCIv1.Config.Labels \"$2\"}}" "$1" 2>/dev/null || true
}

image_id() { buildah inspect --type image --format '{{.FromImageID}}' "$1" 2>/dev/null || true; }

# ensure NAME PARENT FUNCTION ARG...: FUNCTION sets VERSION and leaves the working
# container ready; nothing is done if function, arguments and parent are the same.
ensure() {
  local name=$1 parent=$2 fn=$3 key from=scratch helpers
  shift 3
  if [ "$parent" != scratch ]; then from=$LOCAL/$parent; fi
  # the functions named like it are its helpers
  mapfile -t helpers < <(compgen -A function "${fn%%_*}_")
  key=$({ declare -f "${helpers[@]}" host_config passwd_files; image_id "$from"; printf '%s\n' "$@" "$SUITE" "$MIRROR"; local_cas | xargs -r cat; } | sha256sum)
  key=${key%% *}
  case " ${DONE:-} " in *" $name "*) return ;; esac
  DONE="${DONE:-} $name"
  if [ "${BASE_FORCE:-}" != 1 ] && [ "$(label_of "$LOCAL/$name" "$LABEL")" = "$key" ]; then return; fi
  step "making $name"
  VERSION=''
  begin "$from"
  "$fn" "$@"
  finish "$name" "$key" "$VERSION"
}

deb_version() { chroot "$MNT" dpkg-query -W -f "\${Version}" "$1" | sed -E 's/^[0-9]+://; s/[-+~].*//'; }

# ---- base layers -----------------------------------------------------------

make_tree() { # prints the tree's path
  local tree=${BASE_TREE:-$CACHE/$SUITE}
  if [ -z "${BASE_TREE:-}" ] && [ ! -e "$tree/.complete" ]; then
    need debootstrap debootstrap
    rm -rf "$tree"
    step "debootstrap $SUITE"
    debootstrap --variant=minbase "$SUITE" "$tree" "$MIRROR" >&2
    : >"$tree/.complete"
  fi
  [ -x "$tree/usr/bin/dpkg" ] || die "no Debian tree at $tree"
  printf '%s\n' "$tree"
}

host_config() { # registries and certificates of this machine, into the image
  local ca url
  mkdir -p "$MNT/usr/local/share/ca-certificates"
  while read -r ca; do
    if [ -n "$ca" ]; then install -m 644 "$ca" "$MNT/usr/local/share/ca-certificates/"; fi
  done < <(local_cas)
  run update-ca-certificates
  {
    echo '[global]'
    if has_local_cas; then echo 'cert = /etc/ssl/certs/ca-certificates.crt'; fi
    url=${PIP_INDEX_URL:-}
    if plain_url "$url"; then printf 'index-url = %s\n' "$url"; fi
    url=${PIP_EXTRA_INDEX_URL:-}
    if plain_url "$url"; then printf 'extra-index-url = %s\n' "$url"; fi
  } | set_text "$MNT/etc/pip.conf"
  {
    if has_local_cas; then echo 'cafile=/etc/ssl/certs/ca-certificates.crt'; fi
    url=${npm_config_registry:-${NPM_CONFIG_REGISTRY:-$(npm config get registry 2>/dev/null || true)}}
    if plain_url "$url"; then printf 'registry=%s\n' "$url"; fi
  } | set_text "$MNT/usr/local/etc/npmrc"
  if has_local_cas; then
    conf --env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
      --env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
  fi
  url=${GOPROXY:-$(go env GOPROXY 2>/dev/null || true)}
  case $url in *@* | '') ;; *) mkdir -p "$MNT/root/.config/go"; printf 'GOPROXY=%s\n' "$url" >"$MNT/root/.config/go/env" ;; esac
}

debian_base() {
  local tree=$1
  tar -C "$tree" --one-file-system --exclude='./proc/*' --exclude='./sys/*' --exclude='./dev/*' \
    --exclude='./run/*' --exclude='./tmp/*' --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' \
    --exclude='./var/log/*.log' --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' \
    --exclude='./usr/share/locale/*' --exclude='./usr/share/info/*' --exclude=./.complete -cf - . | tar -C "$MNT" -xf -
  mkdir -p "$MNT"/var/cache/apt/archives "$MNT"/var/lib/apt/lists "$MNT"/etc/apt/apt.conf.d
  rm -f "$MNT"/etc/hostname "$MNT"/etc/resolv.conf "$MNT"/etc/apt/sources.list.d/*
  set_text "$MNT/etc/apt/sources.list" <<EOF
deb $MIRROR $SUITE main
deb $MIRROR $SUITE-updates main
deb ${MIRROR%/debian}/debian-security $SUITE-security main
EOF
  set_text "$MNT/etc/dpkg/dpkg.cfg.d/docker" <<'EOF'
force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*
EOF
  set_text "$MNT/etc/apt/apt.conf.d/docker-clean" <<'EOF'
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
EOF
  echo 'Acquire::GzipIndexes "true";' | set_text "$MNT/etc/apt/apt.conf.d/docker-gzip-indexes"
  echo 'Acquire::Languages "none";' | set_text "$MNT/etc/apt/apt.conf.d/docker-no-languages"
  printf '#!/bin/sh\nexit 101\n' | set_exec "$MNT/usr/sbin/policy-rc.d"
  apt_in ca-certificates netbase tzdata
  run apt-get -y -qq upgrade
  host_config
  conf --cmd '["bash"]' --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  VERSION=$(cat "$MNT/etc/debian_version")
}

buildpack_base() { # what the images without -slim have besides
  apt_in build-essential pkg-config git curl wget openssh-client unzip xz-utils libssl-dev libffi-dev \
    zlib1g-dev libbz2-dev liblzma-dev libsqlite3-dev libreadline-dev libpq-dev libxml2-dev libxslt1-dev \
    libyaml-dev default-libmysqlclient-dev
  VERSION=$(cat "$MNT/etc/debian_version")
}

alpine_base() { # Debian with enough of Alpine's commands for usual Dockerfiles
  local applet
  apt_in busybox-static
  for applet in wget nc vi unzip less ps top netstat; do
    [ -e "$MNT/usr/bin/$applet" ] || ln -s busybox "$MNT/usr/bin/$applet"
  done
  mkdir -p "$MNT/etc/apk"
  set_exec "$MNT/usr/sbin/apk" <<'EOF'
#!/bin/sh
# apk over apt-get: enough for `apk add/del/update/upgrade`.
set -e
name() {
  case $1 in
    build-base) echo build-essential ;; musl-dev) echo libc6-dev ;; linux-headers) echo linux-libc-dev ;;
    openssl-dev) echo libssl-dev ;; postgresql-dev) echo libpq-dev ;; libpq) echo libpq5 ;;
    postgresql*-client) echo postgresql-client ;; mariadb-dev | mysql-dev) echo default-libmysqlclient-dev ;;
    mysql-client | mariadb-client) echo default-mysql-client ;; jpeg-dev | libjpeg-turbo-dev) echo libjpeg-dev ;;
    zlib-dev) echo zlib1g-dev ;; sqlite-dev) echo libsqlite3-dev ;; sqlite) echo sqlite3 ;;
    libxslt-dev) echo libxslt1-dev ;; yaml-dev) echo libyaml-dev ;; vips-dev) echo libvips-dev ;;
    freetype-dev) echo libfreetype-dev ;; py3-pip) echo python3-pip ;; libpng-dev | libffi-dev | libxml2-dev) echo "$1" ;;
    openssh | openssh-client*) echo openssh-client ;; redis) echo redis-tools ;; su-exec) echo gosu ;;
    libc6-compat | gcompat | musl | shadow | libgcc | libstdc++ | busybox* | coreutils | alpine-*) ;;
    *) echo "$1" ;;
  esac
}
cmd='' pkgs=''
while [ $# -gt 0 ]; do
  case $1 in
    add | del | update | upgrade | info | fix) if [ -z "$cmd" ]; then cmd=$1; else pkgs="$pkgs $1"; fi ;;
    -t | --virtual | -X | --repository) shift ;;
    -* | .*) ;;
    *) pkgs="$pkgs $(name "${1%%[=<>~@]*}")" ;;
  esac
  shift
done
if [ "$cmd" = add ] && [ -n "${pkgs# }" ]; then
  apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $pkgs
  rm -rf /var/lib/apt/lists/*
fi
EOF
  set_exec "$MNT/usr/local/sbin/adduser" <<'EOF'
#!/bin/sh
# BusyBox's adduser (short options) over useradd; long options go to Debian's.
set -e
for a; do case $a in --*) exec /usr/sbin/adduser "$@" ;; esac; done
sys='' home='' shell='' grp='' uid='' mk=-m gecos='' pos=''
while [ $# -gt 0 ]; do
  OPTIND=1
  while getopts h:g:s:G:SDHu:k: o; do
    case $o in
      h) home=$OPTARG ;; g) gecos=$OPTARG ;; s) shell=$OPTARG ;; G) grp=$OPTARG ;; S) sys=1 ;;
      H) mk=-M ;; u) uid=$OPTARG ;; D | k) ;; *) exit 1 ;;
    esac
  done
  shift $((OPTIND - 1))
  if [ $# -gt 0 ]; then pos="$pos $1"; shift; fi
done
# shellcheck disable=SC2086
set -- $pos
if [ $# -eq 2 ]; then exec usermod -aG "$2" "$1"; fi
u=$1
set -- -c "$gecos" "$mk"
if [ -n "$sys" ]; then set -- "$@" -r; [ -n "$shell" ] || shell=/sbin/nologin; [ -n "$grp" ] || grp=nogroup; fi
if [ -n "$home" ]; then set -- "$@" -d "$home"; fi
if [ -n "$uid" ]; then set -- "$@" -u "$uid"; fi
if [ -n "$grp" ]; then set -- "$@" -g "$grp"; else set -- "$@" -U; fi
exec useradd "$@" -s "${shell:-/bin/sh}" "$u"
EOF
  set_exec "$MNT/usr/local/sbin/addgroup" <<'EOF'
#!/bin/sh
# BusyBox's addgroup (short options) over groupadd; long options go to Debian's.
set -e
for a; do case $a in --*) exec /usr/sbin/addgroup "$@" ;; esac; done
sys='' gid='' pos=''
while [ $# -gt 0 ]; do
  OPTIND=1
  while getopts g:S o; do case $o in g) gid=$OPTARG ;; S) sys=1 ;; *) exit 1 ;; esac; done
  shift $((OPTIND - 1))
  if [ $# -gt 0 ]; then pos="$pos $1"; shift; fi
done
# shellcheck disable=SC2086
set -- $pos
if [ $# -eq 2 ]; then exec usermod -aG "$2" "$1"; fi
exec groupadd ${sys:+-r} ${gid:+-g "$gid"} "$1"
EOF
  conf --cmd '["/bin/sh"]'
  VERSION=$(cat "$MNT/etc/debian_version")
}

ensure_debian() {
  local tree
  [ -z "${DEBIAN_DONE:-}" ] || return 0
  mkdir -p "$CACHE/archives/partial" "$CACHE/lists/partial"
  : >"$CACHE/empty"
  tree=$(make_tree)
  ensure debian:"$SUITE" scratch debian_base "$tree"
  DEBIAN_DONE=1
}

# family_of TAG: which base layer a language image with this tag stands on
family_of() { case $1 in *alpine*) echo alpine ;; *slim*) echo slim ;; *) echo full ;; esac; }

ensure_family() { # ensure_family FAMILY: sets PARENT
  ensure_debian
  case $1 in
    alpine) ensure alpine debian:"$SUITE" alpine_base; PARENT=alpine ;;
    full) ensure buildpack debian:"$SUITE" buildpack_base; PARENT=buildpack ;;
    *) PARENT=debian:$SUITE ;;
  esac
}

# ---- python ----------------------------------------------------------------

pyenv_versions() { # installed CPythons, oldest first
  local root
  root=$(pyenv root 2>/dev/null || echo "${PYENV_ROOT:-/nonexistent}")
  find "$root/versions" -mindepth 1 -maxdepth 1 -type d -name '3.*' -printf '%f\n' 2>/dev/null | grep -E '^3\.[0-9]+\.[0-9]+$' | sort -V || true
}

nearest() { # nearest WANTED <list: the version with the closest second number (newest if none wanted)
  awk -v want="$1" '{ split($1, a, "."); split(want, w, "."); d = w[2] == "" ? 0 : a[2] - w[2]; if (d < 0) d = -d
    if (best == "" || d <= bd) { best = $1; bd = d } } END { print best }'
}

python_runtime() {
  apt_in libssl3 libffi8 libsqlite3-0 libbz2-1.0 liblzma5 libreadline8 zlib1g libncursesw6 libexpat1 libuuid1 \
    libgdbm6 libnsl2 libtirpc3
  VERSION=0
}

python_copy() { # python_copy VERSION: a pyenv CPython into /usr/local
  local src xy f
  src=$(pyenv root 2>/dev/null || echo "$PYENV_ROOT")/versions/$1
  xy=${1%.*}
  tar -C "$src" --exclude='__pycache__' --exclude="./lib/python$xy/test" --exclude="./lib/python$xy/idlelib" \
    --exclude='./lib/python*/*/tests' --exclude='*.a' --exclude='./lib/python*/site-packages/*' --exclude='./share' \
    -cf - ./lib ./include | tar -C "$MNT/usr/local" --no-same-owner -xf -
  for f in "$src/lib/python$xy"/site-packages/pip "$src/lib/python$xy"/site-packages/pip-*; do
    tar -C "$(dirname "$f")" --exclude='__pycache__' -cf - "$(basename "$f")" | tar -C "$MNT/usr/local/lib/python$xy/site-packages" --no-same-owner -xf -
  done
  cp -a "$src/bin/python$xy" "$src/bin/python$xy-config" "$src/bin/pip$xy" "$src/bin/pydoc$xy" "$MNT/usr/local/bin/"
  grep -rIlF "$src" "$MNT/usr/local/bin" "$MNT/usr/local/lib/pkgconfig" "$MNT/usr/local/lib/python$xy"/_sysconfigdata* \
    "$MNT/usr/local/lib/python$xy"/config-*/ 2>/dev/null | xargs -r sed -i "s|$src|/usr/local|g"
  for f in python pip pydoc; do
    ln -sf "$f$xy" "$MNT/usr/local/bin/${f}3"
    ln -sf "$f$xy" "$MNT/usr/local/bin/$f"
  done
  ln -sf "python$xy-config" "$MNT/usr/local/bin/python3-config"
  run ldconfig
  if [ "${xy#3.}" -lt 12 ]; then run pip install --quiet --root-user-action ignore 'setuptools<80' wheel; rm -rf "${MNT:?}/root/.cache"; fi
  run python -c 'import bz2, ctypes, hashlib, lzma, readline, sqlite3, ssl, zlib'
  conf --cmd '["python3"]' --env LANG=C.UTF-8 --env "PYTHON_VERSION=$1"
  VERSION=$1
}

python_debian() {
  local f
  apt_in python3 python3-pip python3-venv
  for f in python python3; do ln -sf /usr/bin/python3 "$MNT/usr/local/bin/$f"; done
  for f in pip pip3; do ln -sf /usr/bin/pip3 "$MNT/usr/local/bin/$f"; done
  rm -f "$MNT"/usr/lib/python3*/EXTERNALLY-MANAGED
  run pip --version
  VERSION=$(deb_version python3)
  conf --cmd '["python3"]' --env LANG=C.UTF-8 --env "PYTHON_VERSION=$VERSION"
}

get_python() { # get_python TAG: sets IMAGE
  local want family have
  want=$(version_in "$1")
  family=$(family_of "$1")
  ensure_family "$family"
  have=$(pyenv_versions | nearest "$want")
  if [ -n "$have" ]; then
    ensure "python-runtime:$family" "$PARENT" python_runtime
    ensure "python:$have-$family" "python-runtime:$family" python_copy "$have"
    IMAGE=python:$have-$family
  else
    ensure "python:debian-$family" "$PARENT" python_debian
    IMAGE=python:debian-$family
  fi
}

# ---- node ------------------------------------------------------------------

node_stage() { # node_stage MAJOR: fills $STAGE/bin, $STAGE/lib/node_modules; sets FOUND
  local major=$1 exe lib arch npm=10
  FOUND=''
  STAGE=$(mktemp -d)
  mkdir -p "$STAGE/bin" "$STAGE/lib"
  exe=$(node -p process.execPath 2>/dev/null || true)
  if [ -n "$exe" ]; then
    lib=$(dirname "$(dirname "$exe")")/lib/node_modules
    if [ -d "$lib/npm" ] && { [ -z "$major" ] || [ "$(node -p 'process.versions.node.split(".")[0]')" = "$major" ]; }; then
      cp -L "$exe" "$STAGE/bin/node"
      mkdir -p "$STAGE/lib/node_modules"
      cp -a "$lib/npm" "$STAGE/lib/node_modules/"
      if [ -d "$lib/corepack" ]; then cp -a "$lib/corepack" "$STAGE/lib/node_modules/"; fi
      FOUND=$(node -p process.versions.node)
      return
    fi
  fi
  [ -n "$major" ] && command -v npm >/dev/null || return 0
  case $(uname -m) in aarch64) arch=arm64 ;; *) arch=x64 ;; esac
  if [ "$major" -ge 24 ]; then npm=11; fi
  # The npm registry carries node's own binaries as node-linux-<arch>.
  if (cd "$STAGE" && npm install --silent --no-audit --no-fund --ignore-scripts --engine-strict=false --prefix "$STAGE/pkg" \
    "node-linux-$arch@$major" "npm@$npm" corepack@0.34 >&2); then
    cp -L "$STAGE/pkg/node_modules/node-linux-$arch/bin/node" "$STAGE/bin/node"
    mkdir -p "$STAGE/lib/node_modules"
    cp -a "$STAGE/pkg/node_modules/npm" "$STAGE/pkg/node_modules/corepack" "$STAGE/lib/node_modules/"
    rm -rf "$STAGE/pkg"
    FOUND=$("$STAGE/bin/node" -p process.versions.node)
  fi
}

node_copy() { # from $STAGE
  local cli
  if [ -n "$FOUND" ]; then
    apt_in libstdc++6 libgcc-s1
    install -m 755 "$STAGE/bin/node" "$MNT/usr/local/bin/node"
    mkdir -p "$MNT/usr/local/lib/node_modules"
    cp -a --no-preserve=ownership "$STAGE"/lib/node_modules/. "$MNT/usr/local/lib/node_modules/"
    for cli in npm npx; do ln -sf "../lib/node_modules/npm/bin/$cli-cli.js" "$MNT/usr/local/bin/$cli"; done
    if [ -d "$MNT/usr/local/lib/node_modules/corepack" ]; then ln -sf ../lib/node_modules/corepack/dist/corepack.js "$MNT/usr/local/bin/corepack"; fi
    chmod -R go+rX "$MNT/usr/local/lib/node_modules"
  else
    apt_in nodejs npm
    ln -sf /usr/bin/node "$MNT/usr/local/bin/node"
  fi
  ln -sf node "$MNT/usr/local/bin/nodejs"
  run npm install --global --silent --no-audit --no-fund yarn@1 || step 'no yarn in the node image'
  rm -rf "${MNT:?}/root/.npm"
  run groupadd --gid 1000 node
  run useradd --uid 1000 --gid node --shell /bin/bash --create-home node
  set_exec "$MNT/usr/local/bin/docker-entrypoint.sh" <<'EOF'
#!/bin/sh
set -e
if [ "${1#-}" != "${1}" ] || [ -z "$(command -v "${1}")" ] || { [ -f "${1}" ] && ! [ -x "${1}" ]; }; then
  set -- node "$@"
fi
exec "$@"
EOF
  run npm --version
  VERSION=${FOUND:-$(deb_version nodejs)}
  conf --entrypoint '["docker-entrypoint.sh"]' --cmd '["node"]' --env "NODE_VERSION=$VERSION"
}

node_image() { # node_image MAJOR
  node_stage "$1"
  if [ -z "$FOUND" ] && [ -n "$1" ]; then rm -rf "$STAGE"; node_stage ''; fi
  node_copy
  rm -rf "$STAGE"
  STAGE=''
}

get_node() {
  local want family major
  want=$(version_in "$1")
  family=$(family_of "$1")
  major=${want%%.*}
  ensure_family "$family"
  IMAGE=node:${major:-current}-$family
  ensure "$IMAGE" "$PARENT" node_image "$major" "$(node --version 2>/dev/null || true)"
}

# ---- go --------------------------------------------------------------------

go_copy() {
  local root=$1
  mkdir -p "$MNT/usr/local/go" "$MNT/go/bin" "$MNT/go/src"
  tar -C "$root" -h --exclude=./test --exclude=./api --exclude=./pkg/obj --exclude=./pkg/mod -cf - . | tar -C "$MNT/usr/local/go" --no-same-owner -xf -
  chmod -R 1777 "$MNT/go"
  run /usr/local/go/bin/go version
  conf --env PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    --env GOPATH=/go --env GOTOOLCHAIN=local --env "GOLANG_VERSION=$2" --workingdir /go
  VERSION=$2
}

go_debian() {
  apt_in golang-go
  VERSION=$(deb_version golang-go)
  ln -s "$(cd "$MNT/usr/lib" && echo /usr/lib/go-[0-9]*)" "$MNT/usr/local/go"
  mkdir -p "$MNT/go/bin" "$MNT/go/src"
  chmod -R 1777 "$MNT/go"
  conf --env PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    --env GOPATH=/go --env "GOLANG_VERSION=$VERSION" --workingdir /go
}

get_golang() {
  local family root have
  family=$(family_of "$1") # golang has no slim; its alpine image has no C compiler either
  ensure_family "$family"
  IMAGE=golang:$family
  root=$(go env GOROOT 2>/dev/null || true)
  if [ -n "$root" ]; then
    have=$(go env GOVERSION)
    ensure "$IMAGE" "$PARENT" go_copy "$root" "${have#go}"
  else
    ensure "$IMAGE" "$PARENT" go_debian
  fi
}

# ---- java ------------------------------------------------------------------

jdk_homes() { # MAJOR HOME of this machine's JDKs, oldest first
  local home
  for home in /usr/lib/jvm/*/; do
    [ -x "${home}bin/javac" ] && [ -f "${home}release" ] && [ ! -L "${home%/}" ] || continue
    printf '%s %s\n' "$(sed -nE 's/^JAVA_VERSION="([0-9]+).*/\1/p' "${home}release")" "${home%/}"
  done | sort -n
}

jdk_for() { # jdk_for MAJOR: the home of that JDK or the next newer one
  jdk_homes | awk -v want="${1:-0}" '$1 >= want { print $2; exit }'
}

java_image() { # java_image jdk|jre HOME
  local kind=$1 home=$2 ca more=()
  apt_in curl wget fontconfig ca-certificates p11-kit tzdata locales unzip
  mkdir -p "$MNT/opt/java/openjdk" "$MNT/usr/share/man/man1" # where packages of Java link their manual pages
  if [ "$kind" = jre ]; then more=(--exclude=./jmods --exclude=./include --exclude=./bin/javac --exclude=./bin/jlink --exclude=./bin/jshell); fi
  tar -C "$home" -h --exclude=./lib/src.zip --exclude=./man "${more[@]}" -cf - . | tar -C "$MNT/opt/java/openjdk" --no-same-owner -xf -
  while read -r ca; do
    if [ -n "$ca" ]; then run /opt/java/openjdk/bin/keytool -importcert -noprompt -cacerts -storepass changeit -alias "${ca##*/}" -file "$ca"; fi
  done < <(local_cas)
  set_exec "$MNT/__cacert_entrypoint.sh" <<'EOF'
#!/bin/sh
exec "$@"
EOF
  conf --env JAVA_HOME=/opt/java/openjdk --env LANG=C.UTF-8 --entrypoint '["/__cacert_entrypoint.sh"]' \
    --env PATH=/opt/java/openjdk/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  VERSION=$(sed -nE 's/^JAVA_VERSION="([^"]*)"/\1/p' "$home/release")
}

ensure_java() { # ensure_java MAJOR KIND: sets PARENT; empty where there is no such JDK
  local home major
  ensure_debian
  home=$(jdk_for "$1")
  PARENT=''
  if [ -z "$home" ]; then return; fi
  major=$(jdk_homes | awk -v home="$home" '$2 == home { print $1 }')
  PARENT=temurin:$major-$2
  ensure "$PARENT" debian:"$SUITE" java_image "$2" "$home"
}

mvn_image() { apt_in maven; VERSION=$(deb_version maven); }
gradle_image() { apt_in gradle; VERSION=$(deb_version gradle); }
lein_image() { apt_in leiningen; VERSION=$(deb_version leiningen); }

sbt_image() { # sbt_image VERSION: sbt's launcher, which fetches the version that a build names
  (cd "$CACHE" && mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
    -Dartifact="org.scala-sbt:sbt-launch:$1" -DoutputDirectory="$CACHE" >&2)
  install -m 644 "$CACHE/sbt-launch-$1.jar" "$MNT/usr/local/lib/sbt-launch.jar"
  printf '[repositories]\n  local\n  maven-central\n' | set_text "$MNT/root/.sbt/repositories"
  set_exec "$MNT/usr/local/bin/sbt" <<'EOF'
#!/bin/sh
exec java -Xmx1536m -Dsbt.override.build.repos=true -Dsbt.server.autostart=false -jar /usr/local/lib/sbt-launch.jar "$@"
EOF
  VERSION=$1
}

get_java() { # get_java REPO TAG: sets IMAGE; empty where this machine has no such JDK or tool
  local major kind=jdk tool=''
  major=$(printf '%s\n' "$2" | sed -nE 's/^([0-9]+)-j.*/\1/p; s/.*(jdk|temurin-)([0-9]+).*/\2/p')
  case $1:$2 in
    eclipse-temurin:*jre*) kind=jre ;;
    maven:*) tool=mvn ;; gradle:*) tool=gradle ;; clojure:*lein*) tool=lein ;; sbtscala/scala-sbt:*) tool=sbt ;;
    clojure:*) return ;;
  esac
  ensure_java "$major" "$kind"
  IMAGE=$PARENT
  if [ -n "$tool" ] && [ -n "$PARENT" ]; then
    IMAGE=$tool:${PARENT#temurin:}
    ensure "$IMAGE" "$PARENT" "${tool}_image" 1.11.7
  fi
}

# ---- images without a package manager --------------------------------------

passwd_files() { # /etc/passwd, /etc/group, /tmp and homes of a scratch image
  mkdir -p "$MNT"/etc "$MNT"/root "$MNT"/home/nonroot "$MNT"/var/run
  mkdir -p "$MNT/tmp"
  chmod 1777 "$MNT/tmp"
  chmod 700 "$MNT/root" "$MNT/home/nonroot"
  chown 65532:65532 "$MNT/home/nonroot"
  printf '%s\n' 'root:x:0:0:root:/root:/sbin/nologin' 'nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin' \
    'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin' >"$MNT/etc/passwd"
  printf '%s\n' 'root:x:0:' 'nobody:x:65534:' 'tty:x:5:' 'staff:x:50:' 'nonroot:x:65532:' >"$MNT/etc/group"
  echo 'hosts: files dns' >"$MNT/etc/nsswitch.conf"
}

donor() { # donor IMAGE COMMAND...: run COMMAND with IMAGE's root directory as last argument
  local image=$1 dir
  shift
  DONOR=$(buildah from --pull-never "$LOCAL/$image")
  dir=$(buildah mount "$DONOR")
  "$@" "$dir"
  buildah rm "$DONOR" >/dev/null
  DONOR=''
}

distroless_donor() { apt_in libc6 libssl3 libgcc-s1 libstdc++6 busybox-static; VERSION=0; }

distroless_fill() { # distroless_fill KIND DEBUG ROOT
  local kind=$1 debug=$2 root=$3 pkg f applet pkgs=''
  mkdir -p "$MNT/etc/ssl/certs" "$MNT/usr/share" "$MNT/usr/lib"
  cp -L "$root/etc/ssl/certs/ca-certificates.crt" "$MNT/etc/ssl/certs/"
  cp -a "$root/usr/share/zoneinfo" "$MNT/usr/share/"
  cp -aL "$root/etc/os-release" "$MNT/usr/lib/os-release"
  ln -s ../usr/lib/os-release "$MNT/etc/os-release"
  cp -a "$root/etc/protocols" "$root/etc/services" "$MNT/etc/" 2>/dev/null || true
  case $kind in
    base) pkgs='libc6 libssl3' ;;
    base-nossl) pkgs='libc6' ;;
    cc) pkgs='libc6 libssl3 libgcc-s1 libstdc++6' ;;
  esac
  if [ -n "$pkgs" ]; then
    ln -s usr/lib "$MNT/lib"
    if [ -d "$root/usr/lib64" ]; then mkdir -p "$MNT/usr/lib64"; ln -s usr/lib64 "$MNT/lib64"; fi
    for pkg in $pkgs; do
      while read -r f; do
        f=${f/#\/lib/\/usr\/lib}
        f=${f/#\/usr\/usr/\/usr}
        if [ -f "$root$f" ] || [ -L "$root$f" ]; then mkdir -p "$MNT$(dirname "$f")"; cp -a "$root$f" "$MNT$f"; fi
      done < <(chroot "$root" dpkg -L "$pkg")
    done
  fi
  if [ "$debug" = 1 ]; then
    mkdir -p "$MNT/busybox"
    cp "$root/bin/busybox" "$MNT/busybox/busybox"
    while read -r applet; do ln -s busybox "$MNT/busybox/$applet"; done < <(chroot "$root" busybox --list | grep -vx busybox)
  fi
}

distroless_image() { # distroless_image KIND USER DEBUG PARENT-ID
  local path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  passwd_files
  donor distroless-donor distroless_fill "$1" "$3"
  if [ "$3" = 1 ]; then path=$path:/busybox; conf --entrypoint '["/busybox/sh"]'; fi
  conf --user "$2" --env "PATH=$path" --env SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
  if [ "$2" = 65532 ]; then conf --workingdir /home/nonroot; else conf --workingdir /; fi
  VERSION=${SUITE}
}

get_distroless() { # get_distroless KIND TAG
  local user=0 debug=0
  case $2 in *nonroot*) user=65532 ;; esac
  case $2 in *debug*) debug=1 ;; esac
  ensure_debian
  ensure distroless-donor debian:"$SUITE" distroless_donor
  IMAGE=distroless-$1:$user-$debug
  ensure "$IMAGE" scratch distroless_image "$1" "$user" "$debug" "$(image_id "$LOCAL/distroless-donor")"
}

busybox_fill() {
  local root=$1 applet
  mkdir -p "$MNT/bin"
  cp "$root/bin/busybox" "$MNT/bin/busybox"
  while read -r applet; do ln -s busybox "$MNT/bin/$applet"; done < <(chroot "$root" busybox --list | grep -vx busybox)
  VERSION=$(chroot "$root" busybox | sed -nE '1s/^BusyBox v([0-9.]+).*/\1/p')
}

busybox_image() {
  passwd_files
  sed -i 's|^root:.*|root:x:0:0:root:/root:/bin/sh|' "$MNT/etc/passwd"
  donor distroless-donor busybox_fill
  ln -s bin "$MNT/sbin"
  conf --cmd '["sh"]' --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
}

get_busybox() {
  ensure_debian
  ensure distroless-donor debian:"$SUITE" distroless_donor
  IMAGE=busybox:1
  ensure "$IMAGE" scratch busybox_image "$(image_id "$LOCAL/distroless-donor")"
}

# ---- uv --------------------------------------------------------------------

uv_binaries() { # uv_binaries WANTED: sets UV_DIR and UV_VERSION
  local spec=uv whl dir=$CACHE/uv/${1:-latest} ver=''
  if [ -n "$1" ]; then case $1 in *.*.*) spec=uv==$1 ;; *) spec="uv==$1.*" ;; esac; fi
  UV_DIR=$dir
  if [ ! -x "$dir/uv" ]; then
    rm -rf "$dir"
    mkdir -p "$dir"
    for ver in "$spec" uv; do
      if host_pip download --quiet --no-deps --only-binary :all: --platform "musllinux_1_1_$MULTI" --dest "$dir" "$ver" >&2; then break; fi
    done
    whl=$(find "$dir" -name 'uv-*.whl' | head -n 1)
    [ -n "$whl" ] || die 'cannot get the uv wheel'
    python3 - "$whl" "$dir" <<'EOF'
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z:
    for name in z.namelist():
        if name.endswith(("/scripts/uv", "/scripts/uvx")):
            out = os.path.join(sys.argv[2], os.path.basename(name))
            with open(out, "wb") as f:
                f.write(z.read(name))
            os.chmod(out, 0o755)
EOF
    rm -f "$whl"
  fi
  UV_VERSION=$("$dir/uv" --version | awk '{print $2}')
}

host_pip() { # pip of this machine, in a venv if the system has none
  if python3 -m pip --version >/dev/null 2>&1; then python3 -m pip "$@"; return; fi
  if [ ! -x "$CACHE/venv/bin/pip" ]; then
    need ensurepip-is-no-command python3-venv
    python3 -m venv "$CACHE/venv" >&2
  fi
  "$CACHE/venv/bin/pip" "$@"
}

uv_image() {
  install -m 755 "$1/uv" "$1/uvx" "$MNT/"
  conf --entrypoint '["/uv"]' --workingdir /io
  VERSION=$2
}

uv_add() {
  install -m 755 "$1/uv" "$1/uvx" "$MNT/usr/local/bin/"
  VERSION=$2
}

get_uv() {
  local want base
  case $1 in
    python* | bookworm* | debian* | alpine*)
      uv_binaries ''
      base=${1#python}
      get_python "${base:-slim}"
      ensure "uv:${IMAGE#*:}" "$IMAGE" uv_add "$UV_DIR" "$UV_VERSION"
      IMAGE=uv:${IMAGE#*:}
      ;;
    *)
      want=$(version_in "$1")
      uv_binaries "$want"
      IMAGE=uv:$UV_VERSION
      ensure "$IMAGE" scratch uv_image "$UV_DIR" "$UV_VERSION"
      ;;
  esac
}

# ---- servers ---------------------------------------------------------------

nginx_image() { # nginx_image UNPRIVILEGED
  local unpriv=$1 port=80 pid=/run/nginx.pid tmp=/var/cache/nginx user='user  nginx;'
  run groupadd --system --gid 101 nginx
  run useradd --system --uid 101 --gid nginx --home-dir /var/cache/nginx --no-create-home --shell /usr/sbin/nologin nginx
  apt_in nginx gettext-base
  rm -rf "${MNT:?}"/etc/nginx/{sites-available,sites-enabled,snippets,modules-enabled,conf.d,nginx.conf} "$MNT"/var/www/html
  mkdir -p "$MNT"/etc/nginx/{conf.d,templates} "$MNT"/docker-entrypoint.d "$MNT"/usr/share/nginx/html "$MNT"/var/cache/nginx "$MNT"/var/log/nginx
  rm -f "$MNT"/var/log/nginx/*
  ln -s /dev/stdout "$MNT/var/log/nginx/access.log"
  ln -s /dev/stderr "$MNT/var/log/nginx/error.log"
  if [ "$unpriv" = 1 ]; then port=8080 pid=/tmp/nginx.pid tmp=/tmp user=''; fi
  set_text "$MNT/etc/nginx/nginx.conf" <<EOF
$user
worker_processes  auto;
error_log  /var/log/nginx/error.log notice;
pid        $pid;
events {
    worker_connections  1024;
}
http {
    client_body_temp_path $tmp/client_temp;
    proxy_temp_path       $tmp/proxy_temp;
    fastcgi_temp_path     $tmp/fastcgi_temp;
    uwsgi_temp_path       $tmp/uwsgi_temp;
    scgi_temp_path        $tmp/scgi_temp;
    include       /etc/nginx/mime.types;
    default_type  application/octet-stream;
    log_format  main  '\$remote_addr - \$remote_user [\$time_local] "\$request" '
                      '\$status \$body_bytes_sent "\$http_referer" '
                      '"\$http_user_agent" "\$http_x_forwarded_for"';
    access_log  /var/log/nginx/access.log  main;
    sendfile        on;
    keepalive_timeout  65;
    include /etc/nginx/conf.d/*.conf;
}
EOF
  set_text "$MNT/etc/nginx/conf.d/default.conf" <<EOF
server {
    listen       $port;
    server_name  localhost;
    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }
    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
EOF
  echo '<!DOCTYPE html><html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1></body></html>' >"$MNT/usr/share/nginx/html/index.html"
  cp "$MNT/usr/share/nginx/html/index.html" "$MNT/usr/share/nginx/html/50x.html"
  set_exec "$MNT/docker-entrypoint.sh" <<'EOF'
#!/bin/sh
set -e
if [ "$1" = nginx ] || [ "$1" = nginx-debug ]; then
  for f in /docker-entrypoint.d/*; do
    case $f in
      *.envsh) if [ -x "$f" ]; then . "$f"; fi ;;
      *.sh) if [ -x "$f" ]; then "$f"; fi ;;
    esac
  done
fi
exec "$@"
EOF
  set_exec "$MNT/docker-entrypoint.d/20-envsubst-on-templates.sh" <<'EOF'
#!/bin/sh
set -e
in=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
out=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}
[ -d "$in" ] || exit 0
defined=$(awk 'BEGIN { for (n in ENVIRON) if (n ~ ENVIRON["NGINX_ENVSUBST_FILTER"]) printf "${%s} ", n }' </dev/null)
find "$in" -follow -type f -name "*$suffix" | while read -r t; do
  rel=${t#"$in/"}
  to=$out/${rel%"$suffix"}
  if ! [ -w "$out" ]; then echo "$0: $out is not writable" >&2; exit 0; fi
  mkdir -p "$(dirname "$to")"
  envsubst "$defined" <"$t" >"$to"
done
EOF
  chown -R 101:0 "$MNT/var/cache/nginx" "$MNT/etc/nginx" "$MNT/var/log/nginx"
  chmod -R g+w "$MNT/var/cache/nginx" "$MNT/etc/nginx"
  run nginx -t
  rm -rf "${MNT:?}"/tmp/* "${MNT:?}$pid" "${MNT:?}"/var/cache/nginx/*
  if [ "$unpriv" = 1 ]; then conf --user 101; fi
  conf --entrypoint '["/docker-entrypoint.sh"]' --cmd '["nginx", "-g", "daemon off;"]' --port "$port/tcp" --stop-signal SIGQUIT
  VERSION=$(deb_version nginx)
  conf --env "NGINX_VERSION=$VERSION"
}

get_nginx() { # get_nginx UNPRIVILEGED
  ensure_family alpine # for apk and wget; without them little differs
  IMAGE=nginx:$1
  ensure "$IMAGE" alpine nginx_image "$1"
}

postgres_image() { # postgres_image UID
  local uid=$1 bin
  run groupadd --system --gid "$uid" postgres
  run useradd --system --uid "$uid" --gid postgres --home-dir /var/lib/postgresql --create-home --shell /bin/sh postgres
  mkdir -p "$MNT/etc/postgresql-common"
  echo 'create_main_cluster = false' >"$MNT/etc/postgresql-common/createcluster.conf"
  apt_in postgresql postgresql-contrib
  bin=$(cd "$MNT" && echo usr/lib/postgresql/*/bin)
  VERSION=$(deb_version "postgresql-$(basename "$(dirname "$bin")")")
  mkdir -p "$MNT/docker-entrypoint-initdb.d" "$MNT/var/lib/postgresql/data" "$MNT/run/postgresql"
  chown "$uid:$uid" "$MNT/var/lib/postgresql" "$MNT/var/lib/postgresql/data" "$MNT/run/postgresql"
  chmod 700 "$MNT/var/lib/postgresql/data"
  chmod 3777 "$MNT/run/postgresql"
  sed -i "s/^#listen_addresses = 'localhost'/listen_addresses = '*'/" "$MNT"/usr/share/postgresql/*/postgresql.conf.sample
  set_exec "$MNT/usr/local/bin/docker-entrypoint.sh" <<'EOF'
#!/bin/bash
set -euo pipefail
file_env() { # VAR or VAR_FILE
  local f=$1_FILE
  if [ -n "${!f:-}" ]; then export "$1=$(cat "${!f}")"; fi
}
case ${1:-} in -*) set -- postgres "$@" ;; esac
if [ "${1:-}" = postgres ] && [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown -R postgres:postgres "$PGDATA"
  chmod 700 "$PGDATA"
  exec setpriv --reuid postgres --regid postgres --clear-groups "$0" "$@"
fi
if [ "${1:-}" = postgres ] && [ ! -s "$PGDATA/PG_VERSION" ]; then
  for v in POSTGRES_USER POSTGRES_PASSWORD POSTGRES_DB POSTGRES_INITDB_ARGS; do file_env "$v"; done
  user=${POSTGRES_USER:-postgres}
  db=${POSTGRES_DB:-$user}
  method=${POSTGRES_HOST_AUTH_METHOD:-scram-sha-256}
  if [ -z "${POSTGRES_PASSWORD:-}" ] && [ "$method" != trust ]; then
    echo 'Error: Database is uninitialized and superuser password is not specified. Set POSTGRES_PASSWORD.' >&2
    exit 1
  fi
  mkdir -p "$PGDATA"
  pw=()
  if [ -n "${POSTGRES_PASSWORD:-}" ]; then pw=(--pwfile=/dev/fd/3); fi
  # shellcheck disable=SC2086
  initdb --username="$user" --encoding=UTF8 "${pw[@]}" ${POSTGRES_INITDB_ARGS:-} 3<<<"${POSTGRES_PASSWORD:-}"
  printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
  PGUSER=$user pg_ctl -D "$PGDATA" -o "-c listen_addresses='' -p 5432" -w start
  psql=(psql -v ON_ERROR_STOP=1 --no-password --no-psqlrc --username "$user")
  export PGPASSWORD=${POSTGRES_PASSWORD:-}
  if [ "$db" != postgres ]; then "${psql[@]}" --dbname postgres --set db="$db" <<<'CREATE DATABASE :"db";'; fi
  for f in /docker-entrypoint-initdb.d/*; do
    case $f in
      *.sh) if [ -x "$f" ]; then "$f"; else . "$f"; fi ;;
      *.sql) "${psql[@]}" --dbname "$db" -f "$f" ;;
      *.sql.gz) gunzip -c "$f" | "${psql[@]}" --dbname "$db" ;;
    esac
  done
  unset PGPASSWORD
  pg_ctl -D "$PGDATA" -m fast -w stop
  echo 'PostgreSQL init process complete; ready for start up.'
fi
exec "$@"
EOF
  ln -s usr/local/bin/docker-entrypoint.sh "$MNT/docker-entrypoint.sh"
  conf --env "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/$bin" --env PGDATA=/var/lib/postgresql/data \
    --env LANG=C.UTF-8 --env "PG_VERSION=$VERSION" --volume /var/lib/postgresql/data --port 5432/tcp --stop-signal SIGINT \
    --entrypoint '["docker-entrypoint.sh"]' --cmd '["postgres"]'
}

get_postgres() {
  local uid=999
  case $1 in *alpine*) uid=70 ;; esac
  ensure_debian
  IMAGE=postgres:$uid
  ensure "$IMAGE" debian:"$SUITE" postgres_image "$uid"
}

redis_image() {
  run groupadd --system --gid "$1" redis
  run useradd --system --uid 999 --gid redis --home-dir /data --no-create-home --shell /bin/sh redis
  apt_in redis-server redis-tools
  mkdir -p "$MNT/data"
  chown 999:"$1" "$MNT/data"
  set_exec "$MNT/usr/local/bin/docker-entrypoint.sh" <<'EOF'
#!/bin/sh
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then set -- redis-server "$@"; fi
if [ "$1" = redis-server ]; then
  # Debian's server is built with protected mode on, the image's without it.
  case " $* " in *" --protected-mode "*) ;; *) set -- "$@" --protected-mode no ;; esac
  if [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis '{}' + 2>/dev/null || true
    exec setpriv --reuid redis --regid redis --clear-groups "$@"
  fi
fi
exec "$@"
EOF
  conf --entrypoint '["docker-entrypoint.sh"]' --cmd '["redis-server"]' --workingdir /data --volume /data --port 6379/tcp
  VERSION=$(deb_version redis-server)
}

get_redis() {
  local gid=999
  case $1 in *alpine*) gid=1000 ;; esac
  ensure_debian
  IMAGE=redis:$gid
  ensure "$IMAGE" debian:"$SUITE" redis_image "$gid"
}

mysql_image() {
  run groupadd --system --gid 999 mysql
  run useradd --system --uid 999 --gid mysql --home-dir /var/lib/mysql --no-create-home --shell /bin/false mysql
  apt_in mariadb-server mariadb-client
  rm -rf "${MNT:?}/var/lib/mysql"
  mkdir -p "$MNT/docker-entrypoint-initdb.d" "$MNT/var/lib/mysql" "$MNT/run/mysqld"
  chown 999:999 "$MNT/var/lib/mysql" "$MNT/run/mysqld"
  chmod 1777 "$MNT/run/mysqld"
  printf '[mysqld]\nbind-address=0.0.0.0\nskip-name-resolve\n' >"$MNT/etc/mysql/mariadb.conf.d/99-image.cnf"
  if [ ! -e "$MNT/usr/bin/mysqladmin" ]; then ln -s mariadb-admin "$MNT/usr/bin/mysqladmin"; fi
  if [ ! -e "$MNT/usr/bin/mysql" ]; then ln -s mariadb "$MNT/usr/bin/mysql"; fi
  set_exec "$MNT/usr/local/bin/docker-entrypoint.sh" <<'EOF'
#!/bin/bash
set -euo pipefail
env_of() { # env_of NAME: MYSQL_NAME, MARIADB_NAME or either _FILE
  local p v f
  for p in MYSQL MARIADB; do
    v=${p}_$1 f=${p}_$1_FILE
    if [ -n "${!v:-}" ]; then printf '%s' "${!v}"; return; fi
    if [ -n "${!f:-}" ]; then cat "${!f}"; return; fi
  done
}
quote() { local s=${1//\\/\\\\}; printf "'%s'" "${s//\'/\\\'}"; }
case ${1:-} in -*) set -- mysqld "$@" ;; esac
case ${1:-} in
  mysqld | mariadbd)
    shift
    args=()
    # options only the other server knows must not stop this one
    for a; do case $a in --defaults-*) args=("$a" "${args[@]}") ;; --*) args+=("--loose-${a#--}") ;; *) args+=("$a") ;; esac; done
    set -- mariadbd "${args[@]}"
    ;;
  *) exec "$@" ;;
esac
dir=/var/lib/mysql
if [ "$(id -u)" = 0 ]; then
  chown -R mysql:mysql "$dir" /run/mysqld
  exec setpriv --reuid mysql --regid mysql --clear-groups "$0" "$@"
fi
if [ ! -d "$dir/mysql" ]; then
  root=$(env_of ROOT_PASSWORD) db=$(env_of DATABASE) user=$(env_of USER) pass=$(env_of PASSWORD)
  if [ -z "$root" ] && [ -n "$(env_of RANDOM_ROOT_PASSWORD)" ]; then
    root=$(head -c 18 /dev/urandom | base64)
    echo "GENERATED ROOT PASSWORD: $root"
  fi
  if [ -z "$root" ] && [ -z "$(env_of ALLOW_EMPTY_PASSWORD)$(env_of ALLOW_EMPTY_ROOT_PASSWORD)" ]; then
    echo 'Database is uninitialized and password option is not specified: set MYSQL_ROOT_PASSWORD.' >&2
    exit 1
  fi
  mariadb-install-db --datadir="$dir" --skip-test-db --auth-root-authentication-method=normal >/dev/null
  mariadbd --datadir="$dir" --skip-networking --socket=/run/mysqld/init.sock &
  pid=$!
  sql=(mariadb --protocol=socket --socket=/run/mysqld/init.sock --user=root)
  for _ in $(seq 60); do if "${sql[@]}" -e 'SELECT 1' >/dev/null 2>&1; then break; fi; sleep 0.5; done
  {
    if [ -n "$db" ]; then echo "CREATE DATABASE IF NOT EXISTS \`$db\`;"; fi
    if [ -n "$user" ]; then
      echo "CREATE USER $(quote "$user")@'%' IDENTIFIED BY $(quote "$pass");"
      if [ -n "$db" ]; then echo "GRANT ALL ON \`$db\`.* TO $(quote "$user")@'%';"; fi
    fi
    echo "CREATE USER 'root'@'%' IDENTIFIED BY $(quote "$root");"
    echo "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION;"
    echo "ALTER USER 'root'@'localhost' IDENTIFIED BY $(quote "$root"); FLUSH PRIVILEGES;"
  } | "${sql[@]}"
  if [ -n "$root" ]; then export MYSQL_PWD=$root; fi
  for f in /docker-entrypoint-initdb.d/*; do
    case $f in
      *.sh) if [ -x "$f" ]; then "$f"; else . "$f"; fi ;;
      *.sql) "${sql[@]}" ${db:+"$db"} <"$f" ;;
      *.sql.gz) gunzip -c "$f" | "${sql[@]}" ${db:+"$db"} ;;
    esac
  done
  kill "$pid"
  wait "$pid" || true
  unset MYSQL_PWD
fi
exec "$@"
EOF
  conf --entrypoint '["docker-entrypoint.sh"]' --cmd '["mysqld"]' --volume /var/lib/mysql --port 3306/tcp
  VERSION=$(deb_version mariadb-server)
}

get_mysql() {
  ensure_debian
  IMAGE=mysql:mariadb
  ensure "$IMAGE" debian:"$SUITE" mysql_image
}

memcached_image() {
  run groupadd --system --gid 11211 memcache
  run useradd --system --uid 11211 --gid memcache --no-create-home --shell /bin/false memcache
  apt_in memcached
  set_exec "$MNT/usr/local/bin/docker-entrypoint.sh" <<'EOF'
#!/bin/sh
set -e
if [ "${1#-}" != "$1" ]; then set -- memcached "$@"; fi
exec "$@"
EOF
  conf --entrypoint '["docker-entrypoint.sh"]' --cmd '["memcached"]' --user memcache --port 11211/tcp
  VERSION=$(deb_version memcached)
}

get_memcached() {
  ensure_debian
  IMAGE=memcached:1
  ensure "$IMAGE" debian:"$SUITE" memcached_image
}

rabbitmq_image() { # rabbitmq_image MANAGEMENT
  run groupadd --system --gid 999 rabbitmq
  run useradd --system --uid 999 --gid rabbitmq --home-dir /var/lib/rabbitmq --no-create-home --shell /bin/sh rabbitmq
  apt_in rabbitmq-server
  rm -rf "${MNT:?}/var/lib/rabbitmq"
  mkdir -p "$MNT/var/lib/rabbitmq" "$MNT/etc/rabbitmq/conf.d" "$MNT/var/log/rabbitmq"
  if [ "$1" = 1 ]; then echo '[rabbitmq_management].' >"$MNT/etc/rabbitmq/enabled_plugins"; conf --port 15672/tcp; fi
  chown -R 999:999 "$MNT/var/lib/rabbitmq" "$MNT/etc/rabbitmq" "$MNT/var/log/rabbitmq"
  chmod -R go+rwX "$MNT/etc/rabbitmq"
  set_exec "$MNT/usr/local/bin/docker-entrypoint.sh" <<'EOF'
#!/bin/sh
set -e
if [ "$1" = rabbitmq-server ]; then
  if [ "$(id -u)" = 0 ]; then
    chown -R rabbitmq:rabbitmq /var/lib/rabbitmq
    HOME=/var/lib/rabbitmq exec setpriv --reuid rabbitmq --regid rabbitmq --clear-groups "$0" "$@"
  fi
  {
    echo 'loopback_users.guest = false'
    echo 'log.console = true'
    if [ -n "${RABBITMQ_DEFAULT_USER:-}" ]; then echo "default_user = $RABBITMQ_DEFAULT_USER"; fi
    if [ -n "${RABBITMQ_DEFAULT_PASS:-}" ]; then echo "default_pass = $RABBITMQ_DEFAULT_PASS"; fi
    if [ -n "${RABBITMQ_DEFAULT_VHOST:-}" ]; then echo "default_vhost = $RABBITMQ_DEFAULT_VHOST"; fi
  } >/etc/rabbitmq/conf.d/10-defaults.conf
  set -- /usr/lib/rabbitmq/bin/rabbitmq-server
fi
exec "$@"
EOF
  conf --entrypoint '["docker-entrypoint.sh"]' --cmd '["rabbitmq-server"]' --volume /var/lib/rabbitmq --port 5672/tcp \
    --env HOME=/var/lib/rabbitmq --env RABBITMQ_LOGS=- --env LANG=C.UTF-8 \
    --env PATH=/usr/lib/rabbitmq/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  VERSION=$(deb_version rabbitmq-server)
}

get_rabbitmq() {
  local mgmt=0
  case $1 in *management*) mgmt=1 ;; esac
  ensure_debian
  IMAGE=rabbitmq:$mgmt
  ensure "$IMAGE" debian:"$SUITE" rabbitmq_image "$mgmt"
}

# ---- names -----------------------------------------------------------------

version_in() { printf '%s\n' "$1" | sed -nE 's/^v?([0-9]+(\.[0-9]+)*).*/\1/p'; }

full_name() { # as podman and buildah look it up: registry/path:tag, without digest
  local n=${1%@*} first
  first=${n%%/*}
  case $n in
    */*) case $first in *.* | *:* | localhost) ;; *) n=docker.io/$n ;; esac ;;
    *) n=docker.io/library/$n ;;
  esac
  case ${n##*/} in *:*) ;; *) n=$n:latest ;; esac
  printf '%s\n' "$n"
}

tell() { # tell REPO TAG IMAGE: say where the stand-in differs
  local repo=${1##*/} want have
  want=$(version_in "$2")
  have=$(label_of "$LOCAL/$3" base-images.version)
  case $1:$3 in
    gcr.io/distroless/*) return ;;
    ubuntu:* | alpine:*) note "debian $have stands in for $repo ${want:-latest} ($1:$2)"; return ;;
    mysql:*) note "mariadb $have stands in for mysql ${want:-latest} ($1:$2)" ;;
    *) if [ -n "$want" ]; then case $have. in "$want".*) ;; *) note "$repo $have stands in for $want ($1:$2)" ;; esac; fi ;;
  esac
  case $2 in *alpine*) note "debian $SUITE stands in for alpine ($1:$2)" ;; esac
}

missing() { # missing REPO
  note "no stand-in for ${1##*/}"
  MISSING=1
}

get() { # get NAME: makes and tags one
  local full repo tag
  full=$(full_name "$1")
  repo=${full%:*}
  tag=${full##*:}
  case $repo in docker.io/library/*) repo=${repo#docker.io/library/} ;; docker.io/*) repo=${repo#docker.io/} ;; esac
  IMAGE=''
  case $repo in
    python) get_python "$tag" ;;
    node) get_node "$tag" ;;
    golang) get_golang "$tag" ;;
    eclipse-temurin | maven | gradle | clojure | sbtscala/scala-sbt) get_java "$repo" "$tag"; if [ -z "$IMAGE" ]; then missing "$repo"; fi ;;
    debian | ubuntu) ensure_debian; IMAGE=debian:$SUITE ;;
    alpine) ensure_family alpine; IMAGE=alpine ;;
    buildpack-deps) ensure_family full; IMAGE=buildpack ;;
    gcr.io/distroless/static*) get_distroless static "$tag" ;;
    gcr.io/distroless/base-nossl*) get_distroless base-nossl "$tag" ;;
    gcr.io/distroless/base*) get_distroless base "$tag" ;;
    gcr.io/distroless/cc*) get_distroless cc "$tag" ;;
    busybox) get_busybox ;;
    nginx) get_nginx 0 ;;
    nginxinc/nginx-unprivileged) get_nginx 1 ;;
    ghcr.io/astral-sh/uv) get_uv "$tag" ;;
    postgres) get_postgres "$tag" ;;
    redis) get_redis "$tag" ;;
    mysql | mariadb) get_mysql ;;
    memcached) get_memcached ;;
    rabbitmq) get_rabbitmq "$tag" ;;
    *) missing "$repo" ;;
  esac
  if [ -z "$IMAGE" ]; then return; fi
  buildah tag "$LOCAL/$IMAGE" "$full"
  tell "$repo" "$tag" "$IMAGE"
  step "$full is ready"
}

need buildah buildah
mkdir -p "$CACHE"
exec 9>"$CACHE/lock"
flock 9
MISSING=0
for name in "$@"; do get "$name"; done
if [ "$MISSING" = 1 ]; then exit 3; fi
