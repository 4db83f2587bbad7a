# shellcheck shell=bash
# Sourced by whoever starts agents in a folder of its own: finds the processes of one node there, and of no other. Uses folder.
# shellcheck disable=SC2154

# node_processes NODE prints the pids of the agent, the guardian, the postmaster and all that is below them. They have the
# node's folder or its file as an argument, and run a program that an agent uses: an editor of the file is left alone.
node_processes() {
  local file pid program argument tops=()
  for file in /proc/[0-9]*/cmdline; do
    pid=${file#/proc/}
    pid=${pid%/cmdline}
    [[ $pid != "$$" && $pid != "$BASHPID" ]] || continue
    program=$(readlink "/proc/$pid/exe") || continue
    case ${program##*/} in
      java | postgres | initdb | pg_* | bash | dash | setpriv) ;;
      *) continue ;;
    esac
    while IFS= read -r -d '' argument; do
      case $argument in
        "$folder/$1" | "$folder/$1".yml | "$folder/$1"/*)
          tops+=("$pid")
          break
          ;;
      esac
    done <"$file" || true
  done 2>/dev/null
  ((${#tops[@]} == 0)) || with_descendants "${tops[@]}"
}

with_descendants() {
  ps -e -o pid= -o ppid= | awk -v tops="$*" '
    BEGIN { n = split(tops, t, " "); for (i = 1; i <= n; i++) wanted[t[i]] = 1 }
    { parent[$1] = $2 }
    END {
      do {
        found = 0
        for (p in parent) if (!(p in wanted) && (parent[p] in wanted)) { wanted[p] = 1; found = 1 }
      } while (found)
      for (p in wanted) if (p in parent) print p
    }'
}
