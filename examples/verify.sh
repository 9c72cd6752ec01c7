# verify.sh DYNRUN [NAME]: runs each example, verifies its results from what their folder holds, and
# shows a table: seconds of the run, and what `dynrun verify` says. Another verdict than `same` is
# shown in full. Status 1: some example does not agree, or a claim of it fails. Run from the root.
dynrun=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

printf '%-28s %8s  %s\n' example seconds verdict
for model in examples/*"$2"*.dyn; do
  [ -e "$model" ] || continue
  name=$(basename "$model" .dyn)
  began=$(date +%s.%N)
  "$dynrun" -q -o "$work/$name.run" "$model" > "$work/out" 2>&1
  status=$?
  seconds=$(awk -v from="$began" -v to="$(date +%s.%N)" 'BEGIN {printf "%.1f", to - from}')
  if [ $status != 0 ]; then
    printf '%-28s %8s  ended with status %d\n' "$name" "$seconds" $status
    sed 's/^/    /' "$work/out"
    bad=1
    continue
  fi
  DYN_CACHE=off "$dynrun" verify "$work/$name.run" > "$work/out" 2>&1
  status=$?
  printf '%-28s %8s  %s\n' "$name" "$seconds" "$(tail -n 1 "$work/out")"
  sed '1d; $d; / same$/d; s/^/    /' "$work/out"
  [ $status = 0 ] || bad=1
  rm -rf "$work/$name.run"
done
exit $bad
