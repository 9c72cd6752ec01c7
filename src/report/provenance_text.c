/* provenance_text.c: provenance as one line of text, for every file that is not results.h5: the
   words `dyn-provenance:1:`, then JSON, deflated (RFC 1950) and in the letters of base64, then a
   semicolon. Every format has a place for such a line, and it is found there without reading the
   format. What a machine has to do with it is left out, so that files are the same wherever
   numbers are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/base64.h"
#include "base/json.h"
#include "base/json_read.h"
#include "report/provenance.h"

static const char MARK[] = "dyn-provenance:";

/* Data that the model loads: larger files are told by their digest. */
enum { DATA_MOST = 1 << 18 };

/* ---- writing --------------------------------------------------------------------------------- */

static void put(FILE *out, const char *key, const char *value) {
  fputs(", ", out);
  json_string(out, key);
  fputs(": ", out);
  json_string(out, value);
}

static void put_file(FILE *out, Arena *a, const KeptFile *f) {
  fprintf(out, "{\"bytes\": %lld", (long long)f->bytes);
  put(out, "name", f->name);
  put(out, "sha256", f->sha256);
  if (f->data && f->bytes <= DATA_MOST) put(out, "data", base64_text(a, f->data, (size_t)f->bytes));
  fputs("}", out);
}

static char *json_of(Arena *a, const Provenance *p, size_t *len) {
  char *text = NULL;
  FILE *out = open_memstream(&text, len);
  fprintf(out, "{\"portable\": %s", p->portable ? "true" : "false");
  put(out, "dynrun", p->dynrun);
  put(out, "model", p->model);
  put(out, "command", p->command);
  put(out, "seed", arena_printf(a, "%llu", (unsigned long long)p->seed));
  put(out, "source", p->source);
  fputs(", \"set\": [", out);
  for (size_t i = 0; i < p->nset; i++) {
    fputs(i ? ", " : "", out);
    json_string(out, p->set[i]);
  }
  fputs("], \"files\": [", out);
  for (size_t i = 0; i < p->files.n; i++) {
    fputs(i ? ", " : "", out);
    put_file(out, a, &p->files.at[i]);
  }
  fputs("]}", out);
  fclose(out);
  return text;
}

const char *provenance_text(Arena *a, const Provenance *p) {
  size_t n;
  char *json = json_of(a, p, &n);
  uLongf packed = compressBound(n);
  unsigned char *bytes = arena_alloc(a, packed);
  compress2(bytes, &packed, (Bytef *)json, n, Z_BEST_COMPRESSION);
  free(json);
  return arena_printf(a, "%s%d:%s;", MARK, PROVENANCE_LAYOUT, base64_text(a, bytes, packed));
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Text that zlib has packed, and which its checksum fits; NULL: damaged. */
static char *unpack(Arena *a, const unsigned char *from, size_t n) {
  size_t cap = 8 * n + 64;
  int code = Z_BUF_ERROR;
  char *text = NULL;
  for (int tries = 0; code == Z_BUF_ERROR && tries < 10 && mem_fits((double)cap, 1); tries++) {
    uLongf len = cap;
    text = arena_alloc(a, cap + 1);
    code = uncompress((Bytef *)text, &len, from, n);
    cap *= 4;
  }
  return code == Z_OK ? text : NULL;
}

static const char *member(Arena *a, const Json *of, const char *key) {
  const char *text = json_member_text(of, key);
  return text ? text : arena_strdup(a, "");
}

static void take_file(Arena *a, const Json *of, Provenance *p) {
  const Json *bytes = json_member(of, "bytes");
  const char *data = json_member_text(of, "data");
  KeptFile *f = vec_push(a, &p->files);
  *f = (KeptFile){.name = member(a, of, "name"), .path = "", .sha256 = member(a, of, "sha256")};
  f->bytes = bytes ? (int64_t)bytes->number : 0;
  size_t n = 0;
  if (data) f->data = base64_bytes(a, data, strlen(data), &n);
  if ((int64_t)n != f->bytes) f->data = NULL;
}

static bool take_all(Arena *a, const Json *of, Provenance *p) {
  const Json *set = json_member(of, "set"), *files = json_member(of, "files");
  const Json *portable = json_member(of, "portable");
  p->layout = PROVENANCE_LAYOUT;
  p->dynrun = member(a, of, "dynrun");
  p->model = member(a, of, "model");
  p->command = member(a, of, "command");
  p->kernels = p->blas = p->processor = p->libraries = "";
  p->source = json_member_text(of, "source");
  p->portable = portable && portable->number != 0;
  p->seed = strtoull(member(a, of, "seed"), NULL, 10);
  p->set = ARENA_ARRAY(a, const char *, (set ? set->n : 0) + 1);
  for (size_t i = 0; set && i < set->n; i++)
    if (set->at[i].kind == JSON_STRING) p->set[p->nset++] = set->at[i].text;
  for (size_t i = 0; files && i < files->n; i++) take_file(a, &files->at[i], p);
  return p->source && *p->model;
}

bool provenance_from_text(Arena *a, const char *bytes, size_t n, Provenance *out,
                          const char **why) {
  const char *at = memmem(bytes, n, MARK, strlen(MARK)), *ignored;
  *why = "it does not hold its model";
  if (!at) return false;
  at += strlen(MARK);
  char *end;
  long layout = strtol(at, &end, 10); /* the text of a file ends with a zero */
  *why = "it was written by a later version of dynrun: use that one";
  if (layout > PROVENANCE_LAYOUT) return false;
  size_t packed;
  const unsigned char *from = base64_bytes(a, end + 1, (size_t)(bytes + n - end - 1), &packed);
  const char *json = *end == ':' ? unpack(a, from, packed) : NULL;
  *why = "what it says about its model is damaged";
  return json && take_all(a, json_parse(a, json, &ignored), out);
}
