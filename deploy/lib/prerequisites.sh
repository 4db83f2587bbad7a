# shellcheck shell=bash
# Sourced by the programs of deploy/ and multi-jvm-tests/: finds Java 25 and installs the Debian packages that are absent.

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $1"; exit "${2:-1}"; }

# prerequisites_java25 [tool] prints the home of a Java 25 that has bin/TOOL (javac: a JDK); exits 2 if there is none.
prerequisites_java25() {
  local tool=${1:-javac} home
  for home in "${MATRIARCH_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*25*; do
    if [[ -n $home && -x $home/bin/$tool ]] && grep -qs '^JAVA_VERSION="25[".]' "$home/release"; then
      printf '%s\n' "$home"
      return 0
    fi
  done
  say 'error: no Java 25 JDK found (looked at MATRIARCH_JAVA_HOME, JAVA_HOME and /usr/lib/jvm/*25*)'
  say 'Debian 12 has no package of it. Install Eclipse Temurin 25 in one of these ways:'
  say '  apt-get install -y wget gpg'
  say '  wget -qO- https://packages.adoptium.net/artifactory/api/gpg/key/public | gpg --dearmor -o /usr/share/keyrings/adoptium.gpg'
  say '  echo "deb [signed-by=/usr/share/keyrings/adoptium.gpg] https://packages.adoptium.net/artifactory/deb bookworm main" > /etc/apt/sources.list.d/adoptium.list'
  say '  apt-get update && apt-get install -y temurin-25-jdk'
  say 'or unpack the archive of any Java 25 JDK and set MATRIARCH_JAVA_HOME to its folder.'
  exit 2
}

# prerequisites_install NAME... installs what is absent of: postgresql haproxy iproute2 nftables faketime maven java.
prerequisites_install() {
  local name packages=()
  for name in "$@"; do
    case $name in
      postgresql) [[ -x /usr/lib/postgresql/15/bin/initdb ]] || packages+=(postgresql-15) ;;
      haproxy) prerequisites_on_path haproxy || packages+=(haproxy) ;;
      iproute2) prerequisites_on_path ip || packages+=(iproute2) ;;
      nftables) prerequisites_on_path nft || packages+=(nftables) ;;
      faketime) prerequisites_on_path faketime || packages+=(faketime) ;;
      maven) prerequisites_on_path mvn || packages+=(maven) ;;
      java) prerequisites_on_path java || packages+=(default-jdk-headless) ;;
      *) die "prerequisites_install: unknown name $name" ;;
    esac
  done
  ((${#packages[@]} == 0)) && return 0
  prerequisites_can_install "${packages[@]}"
  say "installing with apt-get, because absent: ${packages[*]}"
  prerequisites_hold_services
  if [[ " ${packages[*]} " == *' postgresql-15 '* ]]; then
    prerequisites_no_default_cluster
  fi
  prerequisites_apt "${packages[@]}"
  prerequisites_release_services
  if [[ " ${packages[*]} " == *' haproxy '* ]] && systemctl disable haproxy >/dev/null 2>&1; then
    say 'the service haproxy stays off: systemctl enable --now haproxy turns it on'
  fi
}

# Debian puts haproxy and ip into sbin, which not every PATH has.
prerequisites_on_path() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null; }

prerequisites_can_install() {
  command -v apt-get >/dev/null || die "these packages are missing and there is no apt-get here: $*" 2
  ((EUID == 0)) || die "these packages are missing and only root can install them: apt-get install $*" 2
}

# A package that is installed for tests must not bring up its service: policy-rc.d forbids it, as in container images.
prerequisites_hold_services() {
  prerequisites_policy=/usr/sbin/policy-rc.d
  if [[ -e $prerequisites_policy ]]; then
    prerequisites_policy=
    return 0
  fi
  trap prerequisites_release_services EXIT
  printf '#!/bin/sh\nexit 101\n' >"$prerequisites_policy"
  chmod 755 "$prerequisites_policy"
}

prerequisites_release_services() {
  if [[ -n ${prerequisites_policy:-} ]]; then
    rm -f "$prerequisites_policy"
    prerequisites_policy=
    trap - EXIT
  fi
}

# Has to be said before the server package comes, which otherwise makes a cluster "main" and starts it at every boot.
prerequisites_no_default_cluster() {
  local conf=/etc/postgresql-common/createcluster.conf
  [[ -e $conf ]] || prerequisites_apt postgresql-common
  if ! grep -Eqs '^[[:space:]]*create_main_cluster[[:space:]]*=[[:space:]]*false' "$conf"; then
    say "setting create_main_cluster = false in $conf"
    sed -i -E 's/^[[:space:]]*(create_main_cluster[[:space:]]*=.*)$/#\1/' "$conf"
    printf 'create_main_cluster = false\n' >>"$conf"
  fi
}

# Lists that are absent or out of date are the usual reason why an installation fails: then they are fetched, once.
prerequisites_apt() {
  local lists
  lists=$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -print -quit 2>/dev/null || true)
  if [[ -n $lists ]] && prerequisites_apt_install "$@"; then
    return 0
  fi
  say 'fetching the package lists (apt-get update)'
  DEBIAN_FRONTEND=noninteractive apt-get -q update </dev/null >&2 || say 'warning: apt-get update failed'
  prerequisites_apt_install "$@" || die "apt-get could not install: $*" 2
}

prerequisites_apt_install() {
  DEBIAN_FRONTEND=noninteractive apt-get -q -y \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o DPkg::Lock::Timeout=120 \
    install --no-install-recommends "$@" </dev/null >&2
}
