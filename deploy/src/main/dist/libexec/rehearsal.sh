# shellcheck shell=bash
# Sourced by libexec/prepare.sh: a small cluster on loopback that goes through what agents meet in years, so that the AOT cache has
# the classes for it.
# Uses its variables home, java, jar, jvm_flags, training and its functions say, free_port, ask.
# shellcheck disable=SC2154,SC2034
# shellcheck source=deploy/src/main/dist/libexec/node-processes.sh
source "$home/libexec/node-processes.sh"

readonly rehearsal_patience_seconds=30
# The JVM of the first is the one that is trained; the witness only votes.
readonly rehearsal_nodes=(first second witness)

# Whether this host and user can run PostgreSQL; sets pg_bin and pg_user.
can_rehearse() {
  local candidate
  pg_bin=
  while IFS= read -r candidate; do
    pg_bin=${candidate%/initdb}
  done < <(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V; compgen -G '/usr/pgsql-*/bin/initdb' | sort -V)
  [[ -n $pg_bin ]] || pg_bin=$(dirname -- "$(command -v initdb)" 2>/dev/null) || return 1
  [[ -x $pg_bin/postgres ]] || return 1
  pg_user=
  if ((EUID == 0)); then
    pg_user=postgres
    id "$pg_user" >/dev/null 2>&1 || return 1
  fi
}

make_rehearsal() {
  local node port=28010
  folder=$(mktemp -d "${TMPDIR:-/tmp}/matriarch-prepare.XXXXXX")
  chmod 755 "$folder"
  declare -gA rest=() cluster=() postgres=()
  for node in "${rehearsal_nodes[@]}"; do
    take_port && rest[$node]=$port
    take_port && cluster[$node]=$port
    take_port && postgres[$node]=$port
  done
  secret=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
  for node in "${rehearsal_nodes[@]}"; do
    mkdir -m 755 "$folder/$node"
    [[ -z $pg_user ]] || chown "$pg_user:" "$folder/$node"
    write_node "$node"
  done
}

# The next port after $port that is free.
take_port() { port=$(free_port $((port + 1))); }

write_node() {
  local node=$1 member
  (
    umask 077
    cat >"$folder/$node.yml" <<YAML
scope: rehearsal
name: $node
restapi: {listen: '127.0.0.1:${rest[$node]}', connect_address: '127.0.0.1:${rest[$node]}'}
cluster:
  listen: 127.0.0.1:${cluster[$node]}
  connect_address: 127.0.0.1:${cluster[$node]}
  data_dir: $folder/$node/state
  members:
$(for member in "${rehearsal_nodes[@]}"; do printf '    %s: 127.0.0.1:%s\n' "$member" "${cluster[$member]}"; done)
bootstrap:
  dcs:
    ttl: 5
    loop_wait: 1
    synchronous_mode: quorum
    postgresql: {use_pg_rewind: true, parameters: {max_connections: 30, shared_buffers: 16MB}}
YAML
    [[ $node == witness ]] || cat >>"$folder/$node.yml" <<YAML
postgresql:
  listen: 127.0.0.1:${postgres[$node]}
  connect_address: 127.0.0.1:${postgres[$node]}
  data_dir: $folder/$node/data
  bin_dir: $pg_bin
  pgpass: $folder/$node/pgpass
  parameters: {unix_socket_directories: $folder/$node}
  authentication:
    superuser: {username: postgres, password: $secret}
    replication: {username: replicator, password: $secret}
  pg_hba:
    - host all all 127.0.0.1/32 scram-sha-256
    - host replication replicator 127.0.0.1/32 scram-sha-256
YAML
  )
}

start_node() {
  "$java/bin/java" "${jvm_flags[@]}" -jar "$jar" run "$folder/$1.yml" >>"$folder/$1.log" 2>&1 </dev/null {prepare_lock}>&- &
  disown
}

# Each scene is worth as much as it reaches: one that fails leaves the rest of the cache as it is.
rehearse() {
  start_node second
  start_node witness
  await_either && settle || return 0
  [[ $primary == second ]] || { hand_over first second && settle; } || return 0
  hand_over second first && settle || return 0
  crash first && settle || return 0
  hand_over first second && settle || return 0
  kill_node second
  await first /primary || return 0
  start_node second
  settle || return 0
}

# Kills the postmaster of a primary, and waits for the next one.
crash() {
  local file=$folder/$1/data/postmaster.pid before deadline=$((SECONDS + rehearsal_patience_seconds))
  before=$(head -n 1 "$file") && kill -KILL "$before" || return 1
  while [[ $(head -n 1 "$file" 2>/dev/null) == "$before" ]]; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
  await "$1" /primary
}

# hand_over FROM TO
hand_over() {
  local deadline=$((SECONDS + rehearsal_patience_seconds))
  until [[ $(rest_port=${rest[$1]} ask POST /switchover "{\"leader\":\"$1\",\"candidate\":\"$2\"}") == 'HTTP/1.'?' 200'* ]]; do
    ((SECONDS < deadline)) || return 1
    sleep 0.2
  done
  await "$2" /primary
}

# Sets primary.
await_either() {
  local deadline=$((SECONDS + rehearsal_patience_seconds))
  while ((SECONDS < deadline)); do
    for primary in first second; do
      is_ok "$primary" /primary && return 0
    done
    sleep 0.1
  done
  return 1
}

# The other one is synchronous again.
settle() {
  await_either || return 1
  local other=first
  [[ $primary != first ]] || other=second
  await "$other" /quorum
}

await() {
  local deadline=$((SECONDS + rehearsal_patience_seconds))
  while ! is_ok "$1" "$2"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.1
  done
}

is_ok() { [[ $(rest_port=${rest[$1]} ask GET "$2") == 'HTTP/1.'?' 200'* ]]; }

kill_node() {
  local pids
  pids=$(node_processes "$1")
  # shellcheck disable=SC2086
  [[ -z $pids ]] || kill -KILL $pids 2>/dev/null || true
}

end_rehearsal() {
  local node
  for node in "${rehearsal_nodes[@]}"; do
    kill_node "$node"
  done
  [[ -z ${folder:-} ]] || rm -rf -- "$folder"
}
