# library.sh DYNRUN: the libraries as `make install` leaves them: the example host program is compiled
# against both of them and run. Ends with a line of counts for the test runner.
dynrun=$1
. tests/scripts/harness
build=$(realpath --relative-to="$here" "$(dirname "$dynrun")")
cc=${CC:-cc}
to=$work/to

san=
case $build in *san*) san=1 ;; esac
ok "make install" quietly make -C "$here" B="$build" SAN=$san PREFIX=/usr DESTDIR="$to" install
for file in bin/dynrun lib/libdyn.a lib/libdyn.so lib/pkgconfig/dyn.pc include/dyn.h share/man/man1/dynrun.1; do
  ok "$file is installed" [ -e "$to/usr/$file" ]
done
ok "the installed program runs" quietly "$to/usr/bin/dynrun" --version

# The interface, and nothing else, is seen from outside.
nm -D --defined-only "$to/usr/lib/libdyn.so" | awk '{ print $3 }' | sort > shared
nm -g --defined-only "$to/usr/lib/libdyn.a" | awk 'NF == 3 { print $3 }' | sort > archive
grep -oE '\bdyn_[a-z_]+\(' "$to/usr/include/dyn.h" | tr -d '(' | sort -u > declared
ok "libdyn.so exports what dyn.h declares" quietly diff declared shared
ok "so does libdyn.a" quietly diff declared archive
ok "the shared library has a version" quietly sh -c "objdump -p $to/usr/lib/libdyn.so | grep 'SONAME.*libdyn.so.0'"

# pkg-config leads to both of them.
pc() {
  PKG_CONFIG_PATH=$to/usr/lib/pkgconfig pkg-config --define-variable=prefix="$to/usr" "$@" dyn
}
flags=
[ -n "$san" ] && flags="-fsanitize=address,undefined"
warn="-std=c11 -Wall -Wextra -Werror $flags"
cp "$here/examples/c/embed.c" .
# shellcheck disable=SC2046,SC2086
ok "a host with libdyn.so" quietly $cc $warn embed.c -o shared_host $(pc --cflags --libs) -Wl,-rpath,"$to/usr/lib"
# shellcheck disable=SC2046,SC2086
ok "a host with libdyn.a" quietly $cc $warn embed.c -o static_host $(pc --cflags) "$to/usr/lib/libdyn.a" \
  $(pc --static --libs | sed 's/-ldyn//')
echo '#include <dyn.h>
int main() { return dyn_version()[0] == 0; }' > host.cc
if command -v c++ > /dev/null; then
  # shellcheck disable=SC2046,SC2086
  ok "a host in C++" quietly c++ -Wall -Wextra -Werror $flags host.cc -o cc_host $(pc --cflags --libs)
fi
for host in shared_host static_host; do
  rm -f fibre.svg
  ok "$host runs" quietly "./$host"
  ok "it reads arrays" says out 'I = 0.8: 801 values, mean '
  ok "and claims" says out 'holds: abs(run.v) < 3'
  ok "its progress is shown" says err 'I = 0.8: .*%'
  ok "an error comes through the callback" says err 'I = lots: .*E08'
  ok "and as a status" says out 'I = lots: status 2'
  command -v gnuplot > /dev/null && ok "a figure is drawn" says fibre.svg '</svg>'
done

ok "make uninstall" quietly make -C "$here" B="$build" SAN=$san PREFIX=/usr DESTDIR="$to" uninstall
ok "leaves no file" [ -z "$(find "$to" -type f -o -type l)" ]

counts library
