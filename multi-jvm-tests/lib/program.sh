# shellcheck shell=bash
# Sourced by the programs beside it, which set root and module and have sourced prerequisites.sh: builds their programs and runs them.
# program_flags, where it is set, are more options of Java.

# Whether something has not been built yet, or a source is newer than what was.
program_is_outdated() {
  local jars=("$root"/deploy/target/matriarch/lib/matriarch-deploy-*.jar "$module"/target/matriarch-multi-jvm-tests-*.jar)
  local jar
  for jar in "${jars[@]}"; do
    [[ -e $jar ]] || return 0
    [[ -z $(find "$root"/pom.xml "$root"/*/pom.xml "$root"/*/src/main -type f -newer "$jar" -print -quit) ]] || return 0
  done
  [[ ! -d $module/target/lib ]]
}

program_build() {
  say "building the distribution and the program (the log is $module/target/build.log)"
  mkdir -p "$module/target"
  if ! (cd "$root" && JAVA25_HOME=$java25 mvn -B -q -DskipTests package -pl multi-jvm-tests -am) \
    </dev/null >"$module/target/build.log" 2>&1; then
    tail -n 30 "$module/target/build.log" >&2
    die 'the build failed'
  fi
  # Maven leaves a jar alone whose own module has not changed; a program that runs must not have it replaced by the next.
  touch "$root"/deploy/target/matriarch/lib/matriarch-deploy-*.jar "$module"/target/matriarch-multi-jvm-tests-*.jar
}

program_run() {
  exec "$java25/bin/java" -XX:+UseSerialGC -Xmx512m "${program_flags[@]}" --enable-native-access=ALL-UNNAMED \
    -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8 -Dbasedir="$module" \
    -cp "$(printf '%s:' "$module"/target/matriarch-multi-jvm-tests-*.jar)$module/target/lib/*" "$@"
}

# program CLASS PACKAGES WORD... builds what is outdated and runs the program, or only its help.
program() {
  local class=$1 packages=$2
  shift 2
  java25=$(prerequisites_java25 javac)
  export PATH=$PATH:/usr/sbin:/sbin
  case " $* " in
    *' --help '* | *' -h '*) [[ ! -d $module/target/lib ]] || program_run "$class" --help ;;
    *) ((EUID == 0)) || die "this runs as root, which makes network namespaces: sudo $0 …" 2 ;;
  esac
  # shellcheck disable=SC2086 # Several words.
  prerequisites_install $packages
  if program_is_outdated; then
    prerequisites_install maven java
    program_build
  fi
  program_run "$class" "$@"
}
