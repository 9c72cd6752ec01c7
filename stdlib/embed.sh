# embed.sh HEADER TYPE TABLE FILE.dyn ...: writes a C table of the files' texts to standard output,
# of rows { name, text, length }. Each text is an array of bytes, so that its length and content are
# kept whatever it holds.
echo "#include \"$1\""
row="const $2 $3[]"
text=$3_text
shift 3
i=0
for f in "$@"; do
  echo "static const unsigned char ${text}_$i[] = {"
  od -An -v -tu1 "$f" | sed 's/  */,/g; s/^,//; s/$/,/'
  echo '0};'
  i=$((i + 1))
done
echo "$row = {"
i=0
for f in "$@"; do
  echo "  {\"$(basename "$f" .dyn)\", (const char *)${text}_$i, sizeof ${text}_$i - 1},"
  i=$((i + 1))
done
echo '  {0, 0, 0}};'
