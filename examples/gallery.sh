# gallery.sh DYNRUN: writes examples/README.md, the index of the examples, and the pictures in it and
# in the documentation. gallery.sh --check says what of them is stale. Run from the root.
index=examples/README.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

stale() {
  echo "$1: stale or missing (make gallery)"
  bad=1
}

# The file NAME as the blocks of PAGE build it up: `dyn NAME` begins it, `dyn >> NAME` goes on.
file_of_page() { # PAGE NAME
  awk -v name="$2" '
    /^```/ && open { open = 0; next }
    $0 == "```dyn " name || $0 == "```dyn >> " name { open = 1; next }
    open { print }' "$1"
}

# Pictures of programs in pages: page, program, figure, picture. The picture ends with the digest of
# its program.
page_pictures() {
  while read -r page program figure picture; do
    file_of_page "$page" "$program" > "$work/$program"
    made="<!-- of $program, sha256 $(sha256sum < "$work/$program" | cut -c 1-64) -->"
    if [ "$dynrun" ]; then
      "$dynrun" -q -o "$work/run" "$work/$program" > /dev/null || bad=1
      { cat "$work/run/figures/$figure.svg" && echo "$made"; } > "$picture"
    else
      grep -qF "$made" "$picture" || stale "$picture"
    fi
  done << 'END'
README.md chaos.dyn figure-1 docs/pictures/chaos.svg
docs/tutorial.md unit.dyn figure-1 docs/pictures/tutorial-unit.svg
docs/tutorial.md ring.dyn figure-1 docs/pictures/tutorial-ring.svg
docs/tutorial.md ring.dyn figure-2 docs/pictures/tutorial-sweep.svg
END
}

# One example in the index: what it says of itself, its claims, its picture.
entry() { # NAME
  awk -v name="$1" '
    BEGIN { printf "## %s\n\n", name }
    /^## / && !over { text = text (text ? " " : "") substr($0, 4); next }
    text && !over { print text "\n"; printf "![%s](pictures/%s.svg)\n\n", name, name; over = 1 }
    /^expect / && /" *$/ {
      sub(/" *$/, ""); why = $0; sub(/.*"/, "", why); claims = claims "* " why "\n"
    }
    END { printf "[%s.dyn](%s.dyn) claims:\n\n%s", name, name, claims }' "examples/$1.dyn"
}

write_index() {
  cat << 'END'
# Examples

Models with their pictures and what they claim about themselves: each claim holds, and is a test. Run one with
`dynrun examples/NAME.dyn`, open `NAME.run/report.html`, then change a line. This page is made by `make gallery`.
END
  for model in examples/*.dyn; do
    echo
    entry "$(basename "$model" .dyn)"
  done
}

example_pictures() {
  mkdir -p examples/pictures
  for model in examples/*.dyn; do
    name=$(basename "$model" .dyn)
    if [ "$dynrun" ]; then
      "$dynrun" -q -o "$work/run" "$model" > /dev/null || bad=1
      first=$(ls "$work/run/figures" | head -1)
      cp "$work/run/figures/$first" "examples/pictures/$name.svg"
    fi
    [ -s "examples/pictures/$name.svg" ] || stale "examples/pictures/$name.svg"
    [ "$(wc -c < "examples/pictures/$name.svg")" -lt 65536 ] || {
      echo "examples/pictures/$name.svg: more than 64 kB"
      bad=1
    }
  done
}

[ "$1" = --check ] || dynrun=$1
example_pictures
page_pictures
write_index > "$work/index"
if [ "$dynrun" ]; then
  cp "$work/index" $index
else
  diff $index "$work/index" > /dev/null || stale $index
fi
exit $bad
