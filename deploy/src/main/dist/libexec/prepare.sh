# shellcheck shell=bash
# Sourced by bin/matriarch: makes the AOT cache, with which an agent starts in half the time and with less memory.
# Uses its variables home, java, jar, cache, jvm_flags and its functions say, probe, choose_cache, remember_verdict.
# shellcheck disable=SC2154

prepare_usage() {
  cat <<'TEXT'
usage: matriarch prepare [--force] [--without-postgres]
       matriarch prepare --where

Makes the AOT cache, once for each version of Matriarch and Java: less than a minute of work that halves the start of the agent. It
runs three agents and two empty PostgreSQL servers on loopback, in a new folder below
${TMPDIR:-/tmp}, lets them fail over, and removes all that. Where there is no PostgreSQL, or with --without-postgres, it runs a
witness alone, whose cache has less in it. Nothing is done when there is a good cache already.
--force makes it again, --where only prints its path.
The cache is kept in MATRIARCH_CACHE_DIR, by default /var/cache/matriarch for root and ~/.cache/matriarch for others.
TEXT
}

prepare() {
  local with_postgres=yes
  while (($# > 0)); do
    case $1 in
      --force) rm -f "$cache" "$cache.verified" ;;
      --without-postgres) with_postgres=no ;;
      --where)
        printf '%s\n' "$cache"
        return 0
        ;;
      -h | --help)
        prepare_usage
        return 0
        ;;
      *)
        say "prepare: unknown option $1; try matriarch prepare --help"
        return 2
        ;;
    esac
    shift
  done
  mkdir -p "${cache%/*}" 2>/dev/null || true
  if [[ ! -w ${cache%/*} ]]; then
    say "cannot write to ${cache%/*}; set MATRIARCH_CACHE_DIR"
    return 1
  fi
  exec {prepare_lock}>"${cache%/*}/lock"
  flock "$prepare_lock"
  choose_cache
  if [[ -n $use_cache ]]; then
    say "the AOT cache is there: $cache"
    return 0
  fi
  train "$with_postgres"
}

train() {
  local begin=$SECONDS config
  training=$(mktemp -d "${cache%/*}/training.XXXXXX")
  trap end_training EXIT
  # shellcheck source=deploy/src/main/dist/libexec/rehearsal.sh
  source "$home/libexec/rehearsal.sh"
  if [[ $1 == yes ]] && can_rehearse; then
    make_rehearsal
    config=$folder/first.yml rest_port=${rest[first]}
    say 'making the AOT cache with a small cluster on loopback; this takes less than a minute'
  else
    write_witness
    config=$training/witness.yml
    say 'making the AOT cache with a witness; this takes about half a minute'
  fi
  "$java/bin/java" "${jvm_flags[@]}" -XX:AOTCacheOutput="$training/cache.aot" -jar "$jar" run "$config" \
    >"$training/log" 2>&1 </dev/null {prepare_lock}>&- &
  training_pid=$!
  await_agent || training_failed 'the agent of the training did not answer'
  [[ -z ${folder:-} ]] || rehearse
  exercise
  kill -TERM "$training_pid"
  await_cache || training_failed 'the agent of the training did not stop'
  [[ -s $training/cache.aot ]] || training_failed 'the JVM wrote no cache'
  chmod 644 "$training/cache.aot"
  probe "$training/cache.aot" || training_failed 'the JVM refuses the cache that it wrote'
  mv -f "$training/cache.aot" "$cache"
  remember_verdict
  find "${cache%/*}" -maxdepth 1 -name '*.aot*' ! -name "${cache##*/}*" -mtime +7 -delete
  say "made $cache ($(($(stat -c %s "$cache") / 1048576)) MB) in $((SECONDS - begin)) s"
}

end_training() {
  if [[ -n ${training_pid:-} ]] && kill -0 "$training_pid" 2>/dev/null; then
    kill -KILL "$training_pid" 2>/dev/null || true
  fi
  [[ -z ${folder:-} ]] || end_rehearsal
  rm -rf "$training"
}

training_failed() {
  say "no AOT cache: $1; the agent works without. The end of its log:"
  grep -v '\[aot\]\|AOT' "$training/log" | tail -n 15 >&2 || true
  exit 1
}

write_witness() {
  rest_port=$(free_port 28008)
  local cluster_port
  cluster_port=$(free_port $((rest_port + 1)))
  cat >"$training/witness.yml" <<YAML
scope: training
name: witness
restapi: {listen: '127.0.0.1:$rest_port', connect_address: '127.0.0.1:$rest_port'}
cluster:
  listen: 127.0.0.1:$cluster_port
  connect_address: 127.0.0.1:$cluster_port
  members: {witness: '127.0.0.1:$cluster_port'}
  data_dir: $training/state
bootstrap: {dcs: {ttl: 5, loop_wait: 1}}
YAML
}

# Prints the first port from $1 on that nobody listens to.
free_port() {
  local port=$1
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
    port=$((port + 1))
  done
  printf '%s\n' "$port"
}

# ask METHOD PATH [JSON] prints the answer of the agent's REST API.
ask() {
  local body=${3:-}
  (
    exec 3<>"/dev/tcp/127.0.0.1/$rest_port" || exit 1
    printf '%s %s HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s' "$1" "$2" "${#body}" "$body" >&3
    timeout 30 cat <&3
  ) 2>/dev/null
}

await_agent() {
  local attempt
  for ((attempt = 0; attempt < 300; attempt++)); do
    kill -0 "$training_pid" 2>/dev/null || return 1
    [[ $(ask GET /liveness) == HTTP/* ]] && return 0
    sleep 0.2
  done
  return 1
}

exercise() {
  local path round
  # shellcheck disable=SC2034
  for round in 1 2 3; do
    for path in /patroni /cluster /config /history /metrics /primary /replica /health /readiness; do
      ask GET "$path" >/dev/null || true
    done
    ask OPTIONS /primary >/dev/null || true
    "$java/bin/java" "${jvm_flags[@]}" -jar "$jar" list --url "http://127.0.0.1:$rest_port" >/dev/null 2>&1 || true
    sleep 1
  done
}

# The JVM writes the cache when the agent has stopped.
await_cache() {
  local attempt
  for ((attempt = 0; attempt < 600; attempt++)); do
    kill -0 "$training_pid" 2>/dev/null || return 0
    sleep 0.2
  done
  return 1
}
