# shellcheck shell=bash
# Sourced by libexec/demo: stops all that it started, and makes sure of it. Uses folder, nodes, say.
# shellcheck disable=SC2154
# shellcheck source=deploy/src/main/dist/libexec/node-processes.sh
source "$home/libexec/node-processes.sh"

readonly stop_patience_seconds=60

# The agents stop PostgreSQL when they are asked to stop. The status is 1 if something had to be killed.
stop_all() {
  local node killed=0
  say 'stopping the agents and PostgreSQL'
  for node in "${nodes[@]}"; do
    signal_agent "$node"
  done
  stop_haproxy
  for node in "${nodes[@]}"; do
    await_end "$node" || killed=1
  done
  return "$killed"
}

signal_agent() {
  local pid
  pid=$(cat "$folder/$1/agent.pid" 2>/dev/null || true)
  if [[ -n $pid && " $(node_processes "$1" | tr '\n' ' ') " == *" $pid "* ]]; then
    kill -TERM "$pid" 2>/dev/null || true
  else
    stop_orphan "$1"
  fi
}

# A node whose agent was killed may have a PostgreSQL without one.
stop_orphan() {
  local pid
  pid=$(head -n 1 "$folder/$1/data/postmaster.pid" 2>/dev/null || true)
  if [[ -n $pid && " $(node_processes "$1" | tr '\n' ' ') " == *" $pid "* ]]; then
    kill -INT "$pid" 2>/dev/null || true
  fi
}

stop_haproxy() {
  local pid
  pid=$(cat "$folder/haproxy.pid" 2>/dev/null || true)
  if [[ -n $pid ]] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF "$folder/haproxy.cfg"; then
    kill -TERM "$pid" 2>/dev/null || true
  fi
  rm -f "$folder/haproxy.pid"
}

await_end() {
  local node=$1 pids deadline=$((SECONDS + stop_patience_seconds))
  while pids=$(node_processes "$node") && [[ -n $pids ]]; do
    if ((SECONDS > deadline)); then
      say "these processes of $node did not stop within $stop_patience_seconds s and are killed:"
      # shellcheck disable=SC2086
      ps -o pid=,args= -p "$(tr '\n' ',' <<<"$pids" | sed 's/,$//')" >&2 || true
      # shellcheck disable=SC2086
      kill -KILL $pids 2>/dev/null || true
      return 1
    fi
    sleep 0.2
  done
  rm -f "$folder/$node/agent.pid"
}
