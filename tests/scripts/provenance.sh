# provenance.sh DYNRUN: every file that a run leaves says where it came from, and `dynrun reproduce`
# writes the model out of each; readers of its format read it as before. Ends with a line of counts
# for the test runner.
dynrun=$1
. tests/scripts/harness

mkdir lab
cat > lab/tools.dyn <<'EOF'
fn twice(x) = 2 * x
EOF
echo 1,2,3 > lab/in.csv
cat > lab/m.dyn <<'EOF'
param g = 2
import "tools.dyn"
let x = load("in.csv")
network n { state v ~ normal(0, 1); dv/dt = -g * v }
let r = simulate(n, for = 1, every = 0.1)
plot(r.v, title = "a & b")
save("f.pdf", plot(r.t, r.v))
save("f.png", plot(r.v))
save("a.npz", (x = x, v = r.v))
save("t.csv", (v = tools.twice(r.v)))
save("text", "what is saved")
EOF
run() { "$dynrun" lab/m.dyn -q -p g=3 --seed 18446744073709551615 -o "$1" > out 2> err; }
ok "a run" run one
sleep 1
ok "another" run two
drawn=
[ -e one/figures/f.png ] && drawn="figures/f.pdf figures/f.png figures/figure-1.svg"
for file in results.h5 a.npz t.csv t.csv-metadata.json $drawn; do
  ok "$file is the same" cmp one/$file two/$file
done
rm -r two
mv lab gone
mkdir moved
for file in results.h5 run.json report.html a.npz t.csv t.csv-metadata.json $drawn; do
  rm -rf back again moved/*
  cp one/$file* moved # away from the run
  ok "$file holds the model" ends 0 reproduce moved/${file##*/} -o back
  ok "and how it was run" says out "back/m.dyn -p g=3 --seed 18446744073709551615"
  ok "which runs alone" ends 0 back/m.dyn -q -p g=3 --seed 18446744073709551615 -o again
  ok "and gives the same table" cmp again/t.csv one/t.csv
  ok "from the same data" cmp back/in.csv gone/in.csv
done
ok "the run agrees with itself" ends 0 verify one
cat > read.dyn <<'EOF'
let a = load("one/a.npz")
expect a.x[0, 0] == 1 and shape(a.v) == [11] and a.v[0] == load("one/results.h5").r.v[0]
print(a)
EOF
ok "an archive reads as before" ends 0 read.dyn -q
ok "without what was added" lacks out provenance

# Data that are too large for every file are in results.h5 alone.
awk 'BEGIN {for (i = 0; i < 60000; i++) print i "." i}' > big.csv
printf 'let x = load("big.csv")\nsave("t.csv", x[:3])\n' > big.dyn
ok "a run with many data" ends 0 big.dyn -q
ok "its table names them" ends 0 reproduce big.run/t.csv -o named
ok "and says where they are" says out "big.csv .* may be in the results.h5 of the run"
ok "which it is" ends 0 reproduce big.run/results.h5 -o whole
ok "whole" cmp whole/big.csv big.csv

# What is wrong is said, and nothing is written.
echo nothing > none.svg
ok "a file of another program" ends 5 reproduce none.svg -o none
ok "is told" says err "none.svg.: it does not hold its model"
sed 's/dyn-provenance:1/dyn-provenance:9/' one/t.csv-metadata.json > later.json
ok "a later version" ends 5 reproduce later.json -o none
ok "is told too" says err "later version of dynrun"
sed 's/dyn-provenance:1:..../dyn-provenance:1:AAAA/' one/t.csv-metadata.json > bad.json
ok "a damaged one" ends 5 reproduce bad.json -o none
ok "is refused" says err "is damaged"
ok "and leaves nothing" [ ! -e none ]

cat > read.py <<'EOF'
import base64, json, re, xml.dom.minidom, zlib, numpy, os
a = numpy.load("one/a.npz")
assert a.files == ["x", "v", "_provenance"] and a["x"].tolist() == [[1, 2, 3]]
v = numpy.loadtxt("one/t.csv", delimiter=",", skiprows=1)
assert (v == 2 * a["v"]).all()
files = ["a.npz", "t.csv-metadata.json", "run.json", "report.html"]
if os.path.exists("one/figures/f.png"):
    files += ["figures/f.pdf", "figures/f.png", "figures/figure-1.svg"]
    assert xml.dom.minidom.parse("one/figures/figure-1.svg").getElementsByTagName("metadata")
    png, at = open("one/figures/f.png", "rb").read(), 8
    while at < len(png): # a chunk: its length, type, data, checksum
        n = int.from_bytes(png[at:at + 4], "big")
        assert zlib.crc32(png[at + 4:at + 8 + n]) == int.from_bytes(png[at + 8 + n:at + 12 + n], "big")
        at += 12 + n
    assert at == len(png)
for f in files:
    found = re.search(rb"dyn-provenance:1:([\w+/=]+);", open("one/" + f, "rb").read())
    d = json.loads(zlib.decompress(base64.b64decode(found.group(1))))
    assert d["model"] == "m.dyn" and d["set"] == ["g=3"] and "fn " in d["source"], f
    assert base64.b64decode(d["files"][0]["data"]) == b"1,2,3\n", f
EOF
for python in python3 /usr/bin/python3; do
  "$python" -c 'import numpy' 2> /dev/null || continue
  ok "NumPy reads the archive and the table, and every file its source" quietly "$python" read.py
  break
done
if command -v gs > /dev/null && [ -n "$drawn" ]; then
  ok "Ghostscript reads the PDF" quietly gs -q -dNOPAUSE -dBATCH -dPDFSTOPONWARNING -sDEVICE=nullpage one/figures/f.pdf
  ok "without complaint" [ ! -s out ]
fi
counts provenance
