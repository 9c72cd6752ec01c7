# check.sh "COMPILER AND FLAGS": the rules of the house that a tool can check. Run from the root.
compile=$1
bad=0
sources=$(find src tests include bench -name '*.[ch]' 2> /dev/null | sort)

# Floors: a folder of src/ includes only what tests/layers allows.
awk 'FNR == NR {
       if (!/^#/ && NF) { l = $1; sub(":", "", l); ok[l, l] = 1; for (i = 2; i <= NF; i++) ok[l, $i] = 1 }
       next
     }
     /^[ \t]*#[ \t]*include[ \t]*"/ {
       split(FILENAME, p, "/"); split($0, q, "\""); n = split(q[2], r, "/")
       if (n == 1) next
       if (!((p[2], r[1]) in ok)) {
         printf "%s:%d: %s/ may not include %s\n", FILENAME, FNR, p[2], q[2]; bad = 1
       }
     }
     END { exit bad }' tests/layers $(find src -name '*.[ch]' | sort) || bad=1

# Foreign libraries stay where they belong.
belongs() { # PATTERN ALLOWED...
  pattern=$1
  shift
  hits=$(grep -rnE "$pattern" src | grep -vE "^($(echo "$*" | tr ' ' '|'))") || return
  echo "$hits" | sed "s|\$| (allowed in: $*)|"
  bad=1
}
belongs '#include <gsl/' src/num/ src/run/random src/run/kern_ src/lang/ src/verb/ src/report/machine src/compare/
belongs '#include <hdf5' src/report/ src/compare/ src/lang/load

# Every header compiles alone.
for h in $(find src include -name '*.h' | sort); do
  echo "#include \"${h#src/}\"" | $compile -MF /dev/null -DISA=plain -I. -fsyntax-only -xc - || {
    echo "$h: does not compile alone"
    bad=1
  }
done

# Sizes: files under 900 lines, functions under 60 but for those named in tests/long_functions.
for f in $sources; do
  awk -v long="$(cat tests/long_functions)" '
    /^[A-Za-z_].*\) ?\{$/ || (open == 0 && /^    .*\) \{$/ && header) { start = FNR; name = $0 }
    { header = /^[A-Za-z_].*\(/ && !/;$/ }
    /^}/ && start {
      if (FNR - start > 60) {
        split(name, p, "("); n = split(p[1], w, /[ *]/)
        if (index(" " long " ", w[n]) == 0) {
          printf "%s:%d: %s has %d lines\n", FILENAME, start, w[n], FNR - start + 1; bad = 1
        }
      }
      start = 0
    }
    length($0) > 100 { printf "%s:%d: %d columns\n", FILENAME, FNR, length($0); bad = 1 }
    END { if (FNR > 900) { printf "%s: %d lines\n", FILENAME, FNR; bad = 1 } exit bad }' "$f" || bad=1
done

for f in $sources; do
  clang-format --dry-run -Werror "$f" > /dev/null 2>&1 || {
    echo "$f: not laid out (make format)"
    bad=1
  }
done
[ $bad = 0 ] && echo "check: all is well"
exit $bad
