/* stamp.c: see stamp.h. */
#include "report/stamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/json.h"

typedef struct Page {
  char *at;
  size_t n;
} Page;

/* ---- formats --------------------------------------------------------------------------------- */

static void put_text(Bytes *out, const char *text) {
  bytes_put(out, text, strlen(text));
}

/* Where this stands for the last time; NULL: nowhere. */
static const char *last_of(const Page *p, const char *what) {
  const char *found = NULL, *end = p->at + p->n;
  for (const char *at = p->at; (at = memmem(at, (size_t)(end - at), what, strlen(what))); at++)
    found = at;
  return found;
}

/* The page with a text before one place in it. */
static bool insert(const Page *p, const char *at, const char *before, const char *text,
                   const char *after, Bytes *out) {
  if (!at) return false;
  bytes_put(out, p->at, (size_t)(at - p->at));
  put_text(out, before);
  put_text(out, text);
  put_text(out, after);
  bytes_put(out, at, (size_t)(p->at + p->n - at));
  return true;
}

/* Scalable Vector Graphics 1.1, section 21. */
static bool stamp_svg(const Page *p, const char *text, Bytes *out) {
  return insert(p, last_of(p, "</svg>"), "<metadata>", text, "</metadata>\n", out);
}

static bool stamp_html(const Page *p, const char *text, Bytes *out) {
  const char *head = memmem(p->at, p->n, "</head>", 7);
  return insert(p, head, "<meta name=\"dyn-provenance\" content=\"", text, "\">\n", out);
}

static void put_number(Bytes *out, uint32_t x) {
  const unsigned char four[] = {(unsigned char)(x >> 24), (unsigned char)(x >> 16),
                                (unsigned char)(x >> 8), (unsigned char)x};
  bytes_put(out, four, sizeof four);
}

/* A chunk of text behind the first chunk (Portable Network Graphics, second edition, 11.3.4.3). */
static bool stamp_png(const Page *p, const char *text, Bytes *out) {
  enum { FIRST = 33 };
  static const char type[] = "tEXtComment"; /* and its zero */
  if (p->n < FIRST || memcmp(p->at + 1, "PNG", 3) != 0) return false;
  bytes_put(out, p->at, FIRST);
  put_number(out, (uint32_t)(sizeof type - 4 + strlen(text)));
  uLong crc = crc32(crc32(0, NULL, 0), (const Bytef *)type, sizeof type);
  bytes_put(out, type, sizeof type);
  put_text(out, text);
  put_number(out, (uint32_t)crc32(crc, (const Bytef *)text, (uInt)strlen(text)));
  bytes_put(out, p->at + FIRST, p->n - FIRST);
  return true;
}

/* The time when it was made becomes the first that there is. */
static void forget_date(const Page *p) {
  static const char date[] = "D:19700101000000Z";
  char *at = memmem(p->at, p->n, "/CreationDate (", 15);
  char *end = at ? memchr(at, ')', (size_t)(p->at + p->n - at)) : NULL;
  if (!end || (size_t)(end - at) < 15 + strlen(date)) return;
  memset(at + 15, ' ', (size_t)(end - at) - 15);
  memcpy(at + 15, date, strlen(date));
}

/* A comment behind all that is found by its place in the file (ISO 32000-1, 7.2.3 and 7.5). */
static bool stamp_pdf(const Page *p, const char *text, Bytes *out) {
  forget_date(p);
  return insert(p, last_of(p, "startxref"), "%", text, "\n", out);
}

/* ---- files ----------------------------------------------------------------------------------- */

static const struct {
  const char *suffix;
  bool (*stamp)(const Page *p, const char *text, Bytes *out);
} formats[] = {
    {".svg", stamp_svg}, {".html", stamp_html}, {".png", stamp_png}, {".pdf", stamp_pdf}};

void stamp_file(Arena *a, const char *path, const char *text) {
  const char *suffix = strrchr(path, '.'), *ignored;
  Page page;
  Bytes out = {0};
  for (size_t i = 0; suffix && i < sizeof formats / sizeof *formats; i++) {
    if (strcmp(formats[i].suffix, suffix) != 0) continue;
    if (!file_read(a, path, &page.at, &page.n, &ignored)) return;
    if (formats[i].stamp(&page, text, &out)) file_write(a, path, out.at, out.n, &ignored);
  }
  bytes_free(&out);
}

const char *stamp_beside(Arena *a, const char *path) {
  return arena_printf(a, "%s-metadata.json", path);
}

bool stamp_csv(Arena *a, const char *path, const char *text, const char **why) {
  const char *slash = strrchr(path, '/');
  char *json = NULL;
  size_t len = 0;
  FILE *out = open_memstream(&json, &len);
  fputs("{\n  \"@context\": \"http://www.w3.org/ns/csvw\",\n  \"url\": ", out);
  json_string(out, slash ? slash + 1 : path);
  fputs(",\n  \"dc:provenance\": ", out);
  json_string(out, text);
  fputs("\n}\n", out);
  fclose(out);
  bool ok = file_write(a, stamp_beside(a, path), json, len, why);
  free(json);
  return ok;
}
