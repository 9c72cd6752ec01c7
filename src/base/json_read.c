/* json_read.c: see json_read.h. One function for each rule of RFC 8259, section 3 and following. */
#include "base/json_read.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/vec.h"

enum { JSON_DEPTH = 100 }; /* of lists in lists */

typedef struct Reader {
  Arena *arena;
  const char *start, *at;
  int depth;
  bool failed;
} Reader;

static void skip_blanks(Reader *r) {
  r->at += strspn(r->at, " \t\r\n");
}

static bool fail(Reader *r) {
  r->failed = true;
  return false;
}

static bool take(Reader *r, const char *word) {
  size_t n = strlen(word);
  if (strncmp(r->at, word, n) != 0) return false;
  r->at += n;
  return true;
}

/* Four hexadecimal digits after \u; -1: there are none. */
static int32_t code_unit(Reader *r) {
  char digits[5] = {0}, *end;
  memccpy(digits, r->at, '\0', 4);
  if (strspn(digits, "0123456789abcdefABCDEF") < 4) return -1;
  r->at += 4;
  return (int32_t)strtol(digits, &end, 16);
}

static void put_utf8(Text *t, uint32_t c) {
  char bytes[4];
  int n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
  for (int i = n - 1; i > 0; i--, c >>= 6) bytes[i] = (char)(0x80 | (c & 0x3f));
  bytes[0] = (char)(lead[n] | c);
  text_add_n(t, bytes, (size_t)n);
}

/* What stands after \u; characters beyond the first plane are two of them. */
static bool put_escaped_code(Reader *r, Text *t) {
  int32_t unit = code_unit(r);
  if (unit <= 0) return fail(r);
  if (unit >= 0xd800 && unit < 0xdc00 && take(r, "\\u")) {
    int32_t low = code_unit(r);
    if (low < 0xdc00 || low > 0xdfff) return fail(r);
    put_utf8(t, 0x10000 + ((uint32_t)(unit - 0xd800) << 10) + (uint32_t)(low - 0xdc00));
  } else {
    put_utf8(t, (uint32_t)unit);
  }
  return true;
}

static bool put_escaped(Reader *r, Text *t) {
  static const char names[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  const char *which = *r->at ? strchr(names, *r->at) : NULL;
  if (take(r, "u")) return put_escaped_code(r, t);
  if (!which) return fail(r);
  r->at++;
  text_add_n(t, meant + (which - names), 1);
  return true;
}

static const char *read_string(Reader *r) {
  Text t = {.arena = r->arena};
  if (!take(r, "\"")) fail(r);
  while (!r->failed && *r->at != '"') {
    size_t n = strcspn(r->at, "\"\\");
    text_add_n(&t, r->at, n);
    r->at += n;
    if (!*r->at) fail(r);
    if (take(r, "\\")) put_escaped(r, &t);
  }
  if (!r->failed) r->at++;
  return text_str(&t);
}

static void read_value(Reader *r, Json *out);

/* What stands between the brackets of a list or an object, which ends with `close`. */
static void read_members(Reader *r, Json *out, const char *close) {
  VEC(Json) all = {0};
  bool object = *close == '}';
  skip_blanks(r);
  for (bool more = !take(r, close); more && !r->failed;) {
    Json member = {0};
    skip_blanks(r);
    const char *key = object ? read_string(r) : NULL;
    skip_blanks(r);
    if (object && !take(r, ":")) fail(r);
    read_value(r, &member);
    member.key = key;
    *vec_push(r->arena, &all) = member;
    skip_blanks(r);
    more = take(r, ",");
    if (!more && !take(r, close)) fail(r);
  }
  *out = (Json){.kind = object ? JSON_OBJECT : JSON_LIST, .n = all.n, .at = all.at};
}

static void read_number(Reader *r, Json *out) {
  char *end;
  bool begins = strchr("-0123456789", *r->at) && *r->at;
  double x = begins ? strtod(r->at, &end) : 0;
  if (!begins || end == r->at) {
    fail(r);
    return;
  }
  r->at = end;
  *out = (Json){.kind = JSON_NUMBER, .number = x};
}

static void read_value(Reader *r, Json *out) {
  skip_blanks(r);
  if (r->depth == JSON_DEPTH) fail(r);
  if (r->failed) return;
  r->depth++;
  if (*r->at == '"')
    *out = (Json){.kind = JSON_STRING, .text = read_string(r)};
  else if (take(r, "{"))
    read_members(r, out, "}");
  else if (take(r, "["))
    read_members(r, out, "]");
  else if (take(r, "true"))
    *out = (Json){.kind = JSON_BOOL, .number = 1};
  else if (take(r, "false"))
    *out = (Json){.kind = JSON_BOOL};
  else if (!take(r, "null"))
    read_number(r, out);
  r->depth--;
}

const Json *json_parse(Arena *a, const char *text, const char **why) {
  Reader r = {.arena = a, .start = text, .at = text};
  Json *root = ARENA_NEW(a, Json);
  read_value(&r, root);
  skip_blanks(&r);
  if (!r.failed && !*r.at) return root;
  int line = 1;
  for (const char *c = text; c < r.at; c++) line += *c == '\n';
  *why = arena_printf(a, "line %d is no JSON", line);
  return NULL;
}

const Json *json_member(const Json *object, const char *key) {
  for (size_t i = 0; object && object->kind == JSON_OBJECT && i < object->n; i++)
    if (strcmp(object->at[i].key, key) == 0) return &object->at[i];
  return NULL;
}

const char *json_member_text(const Json *object, const char *key) {
  const Json *member = json_member(object, key);
  return member && member->kind == JSON_STRING ? member->text : NULL;
}
