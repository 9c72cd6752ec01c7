/* test_json.c: JSON read back: what RFC 8259 allows, and what it does not. */
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/json_read.h"
#include "check.h"

static void test_tree(Arena *a) {
  const char *why = "";
  const Json *j = json_parse(
      a,
      " {\"a\": [1, -2.5e-3, true, false, null], \"b\\u00e9\": {\"c\": \"x\\n\\ud83d\\ude00\"}, "
      "\"d\": {}, \"e\": [] }\n",
      &why);
  CHECK(j && j->kind == JSON_OBJECT && j->n == 4, "%s", why);
  if (!j) return;
  const Json *list = json_member(j, "a");
  CHECK(list && list->n == 5 && list->at[0].number == 1 && list->at[1].number == -2.5e-3, "a list");
  CHECK(list->at[2].kind == JSON_BOOL && list->at[2].number == 1, "true");
  CHECK(list->at[3].kind == JSON_BOOL && list->at[3].number == 0, "false");
  CHECK(list->at[4].kind == JSON_NULL, "null");
  const char *text = json_member_text(json_member(j, "bé"), "c");
  CHECK(text && strcmp(text, "x\n\xf0\x9f\x98\x80") == 0, "escapes: %s", text);
  CHECK(!json_member(j, "nosuch") && !json_member(list, "a"), "members that are not there");
  CHECK(json_member(j, "d")->n == 0 && json_member(j, "e")->kind == JSON_LIST, "empty ones");
}

static void test_refused(Arena *a) {
  static const char *const bad[] = {
      "",        "{",           "[1,", "[1 2]", "{\"a\" 1}",          "{a: 1}",   "\"x",
      "\"\\x\"", "\"\\u12g4\"", "tru", "[1]x",  "\"\\ud800\\u0041\"", "{\"a\": }"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    const char *why = "";
    CHECK(!json_parse(a, bad[i], &why) && strstr(why, "line 1"), "`%s` is refused", bad[i]);
  }
  char deep[1000];
  const char *why = "";
  memset(deep, '[', sizeof deep - 1);
  deep[sizeof deep - 1] = '\0';
  CHECK(!json_parse(a, deep, &why), "lists without end");
  CHECK(!json_parse(a, "{\n\n1}", &why) && strstr(why, "line 3"), "%s", why);
}

/* What we write reads back as the same. */
static void test_round(Arena *a) {
  static const char *const texts[] = {"", "plain", "\"\\/\b\f\n\r\t\x01", "é – 漢字 😀"};
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char *text = NULL;
    const char *why = "";
    size_t n;
    FILE *out = open_memstream(&text, &n);
    json_string(out, texts[i]);
    fclose(out);
    const Json *j = json_parse(a, text, &why);
    CHECK(j && j->kind == JSON_STRING && strcmp(j->text, texts[i]) == 0, "%s %s", text, why);
    free(text);
  }
}

int main(void) {
  Arena *a = arena_new();
  test_tree(a);
  test_refused(a);
  test_round(a);
  arena_free(a);
  return check_done("json");
}
