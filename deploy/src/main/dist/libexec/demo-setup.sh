# shellcheck shell=bash
# Sourced by libexec/demo: makes its folder. Uses its variables home, folder, nodes and its functions say, die.
# shellcheck disable=SC2154

# Sets folder and made_folder. A folder of an earlier demo keeps its ports and passwords.
make_folder() {
  # shellcheck disable=SC2034
  made_folder=no
  if [[ -z $folder ]]; then
    folder=$(mktemp -d /tmp/matriarch-demo.XXXXXX)
    # shellcheck disable=SC2034
    made_folder=yes
  fi
  mkdir -p -- "$folder"
  folder=$(readlink -f -- "$folder")
  # PostgreSQL's sockets lie below, and a path of a socket has 107 characters at most.
  ((${#folder} <= 70)) || die "the path is too long for PostgreSQL's sockets: $folder" 2
  if [[ -e $folder/demo.properties ]]; then
    say "using the demo in $folder again"
    check_not_running
    return 0
  fi
  [[ -z $(ls -A -- "$folder") ]] || die "$folder is not empty and holds no demo" 2
  chmod 755 "$folder"
  setpriv --reuid=postgres --regid=postgres --clear-groups test -x "$folder" \
    || die "the user postgres cannot enter $folder; choose another --dir" 2
  choose_ports
  write_files
}

check_not_running() {
  local node
  for node in "${nodes[@]}"; do
    [[ -z $(node_processes "$node") ]] || die "the demo in $folder runs already" 2
  done
}

choose_ports() {
  local node next
  declare -gA postgres_port=() rest_port=() cluster_port=()
  taken=" $(ss -Hltn | awk '{sub(/.*:/, "", $4); print $4}' | sort -u | tr '\n' ' ') "
  take_port 54320 && primary_port=$next
  take_port 54321 && replica_port=$next
  take_port 54322 && stats_port=$next
  for node in "${nodes[@]}"; do
    take_port 5433 && postgres_port[$node]=$next
    take_port 8008 && rest_port[$node]=$next
    take_port 7400 && cluster_port[$node]=$next
  done
  ((primary_port == 54320)) || say "port 54320 is in use; the primary is reached by port $primary_port"
}

# Sets next to the first port from $1 on that is free, and takes it.
take_port() {
  next=$1
  while [[ $taken == *" $next "* ]]; do
    next=$((next + 1))
  done
  taken+="$next "
}

random_password() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }

write_files() {
  local node
  superuser_password=$(random_password)
  replication_password=$(random_password)
  for node in "${nodes[@]}"; do
    install -d -o postgres -g postgres -m 755 "$folder/$node"
    write_node "$node"
  done
  write_haproxy
  write_tools
  (
    umask 077
    printf '127.0.0.1:*:*:postgres:%s\n' "$superuser_password" >"$folder/pgpass"
    printf '%s\n' "nodes=${nodes[*]}" "password=$superuser_password" \
      "haproxy.primary=$primary_port" "haproxy.replicas=$replica_port" >"$folder/demo.properties.new"
  )
  for node in "${nodes[@]}"; do
    printf '%s\n' "$node.postgres=${postgres_port[$node]}" "$node.rest=${rest_port[$node]}"
  done >>"$folder/demo.properties.new"
  mv "$folder/demo.properties.new" "$folder/demo.properties"
}

write_node() {
  local node=$1 member
  (
    umask 077
    cat >"$folder/$node.yml" <<YAML
scope: demo
name: $node
restapi:
  listen: 127.0.0.1:${rest_port[$node]}
  connect_address: 127.0.0.1:${rest_port[$node]}
cluster:
  listen: 127.0.0.1:${cluster_port[$node]}
  connect_address: 127.0.0.1:${cluster_port[$node]}
  data_dir: $folder/$node/state
  members:
$(for member in "${nodes[@]}"; do printf '    %s: 127.0.0.1:%s\n' "$member" "${cluster_port[$member]}"; done)
bootstrap:
  dcs:
    ttl: 5
    loop_wait: 1
    synchronous_mode: quorum
    maximum_lag_on_failover: 1048576
    postgresql:
      use_pg_rewind: true
      parameters:
        max_connections: 50
        shared_buffers: 32MB
        wal_keep_size: 64MB
postgresql:
  listen: 127.0.0.1:${postgres_port[$node]}
  connect_address: 127.0.0.1:${postgres_port[$node]}
  data_dir: $folder/$node/data
  bin_dir: /usr/lib/postgresql/15/bin
  pgpass: $folder/$node/pgpass
  parameters:
    unix_socket_directories: $folder/$node
  authentication:
    superuser:
      username: postgres
      password: $superuser_password
    replication:
      username: replicator
      password: $replication_password
  pg_hba:
    - local all all peer
    - host all all 127.0.0.1/32 scram-sha-256
    - host replication replicator 127.0.0.1/32 scram-sha-256
YAML
  )
}

write_haproxy() {
  {
    cat <<CFG
global
    maxconn 200
defaults
    mode tcp
    retries 2
    timeout client 30m
    timeout connect 4s
    timeout server 30m
    timeout check 5s
listen stats
    mode http
    bind 127.0.0.1:$stats_port
    stats enable
    stats uri /
CFG
    haproxy_listener primary "$primary_port" /primary
    haproxy_listener replicas "$replica_port" /replica
  } >"$folder/haproxy.cfg"
}

haproxy_listener() {
  local name=$1 port=$2 path=$3 node
  cat <<CFG
listen $name
    bind 127.0.0.1:$port
    option httpchk OPTIONS $path
    http-check expect status 200
    default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
CFG
  for node in "${nodes[@]}"; do
    printf '    server %s 127.0.0.1:%s check port %s\n' "$node" "${postgres_port[$node]}" "${rest_port[$node]}"
  done
}

# The commands that the demo's screen names; start is also how the demo itself starts an agent.
write_tools() {
  write_tool start <<TOOL
node=\${1:?usage: start NODE}
[[ -e $folder/\$node.yml ]] || { echo "there is no node \$node" >&2; exit 2; }
pid=\$(cat $folder/\$node/agent.pid 2>/dev/null || true)
if [[ -n \$pid ]] && tr '\\0' ' ' 2>/dev/null <"/proc/\$pid/cmdline" | grep -qF $folder/\$node.yml; then
  echo "the agent of \$node runs already, pid \$pid" >&2
  exit 1
fi
export MATRIARCH_JAVA_HOME='${MATRIARCH_JAVA_HOME:-}' MATRIARCH_CACHE_DIR='${MATRIARCH_CACHE_DIR:-}'
setsid $home/bin/matriarch run $folder/\$node.yml >>$folder/\$node.log 2>&1 </dev/null &
echo "\$!" >$folder/\$node/agent.pid
TOOL
  write_tool crash <<TOOL
node=\${1:?usage: crash NODE}
source $home/libexec/node-processes.sh
folder=$folder
pids=\$(node_processes "\$node")
[[ -n \$pids ]] || { echo "nothing of \$node runs" >&2; exit 1; }
# shellcheck disable=SC2086
kill -KILL \$pids 2>/dev/null || true
TOOL
  write_tool psql <<TOOL
PGPASSFILE=$folder/pgpass exec psql -h 127.0.0.1 -p $primary_port -U postgres "\$@"
TOOL
  write_tool matriarch <<TOOL
export MATRIARCH_JAVA_HOME='${MATRIARCH_JAVA_HOME:-}'
exec $home/bin/matriarch "\$@"$(for node in "${nodes[@]}"; do printf ' --url http://127.0.0.1:%s' "${rest_port[$node]}"; done)
TOOL
}

write_tool() {
  {
    printf '#!/bin/bash\nset -euo pipefail\n'
    cat
  } >"$folder/$1"
  chmod 755 "$folder/$1"
}
