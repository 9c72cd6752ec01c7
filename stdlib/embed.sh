# embed.sh FILE.dyn ...: writes the C table of the standard library's texts to standard output.
# Each text is an array of bytes, so that its length and content are kept whatever it holds.
echo '#include "lang/stdlib.h"'
i=0
for f in "$@"; do
  echo "static const unsigned char text_$i[] = {"
  od -An -v -tu1 "$f" | sed 's/  */,/g; s/^,//; s/$/,/'
  echo '0};'
  i=$((i + 1))
done
echo 'const StdlibFile stdlib_files[] = {'
i=0
for f in "$@"; do
  echo "  {\"$(basename "$f" .dyn)\", (const char *)text_$i, sizeof text_$i - 1},"
  i=$((i + 1))
done
echo '  {0, 0, 0}};'
