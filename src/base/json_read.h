/* json_read.h: reading JSON (RFC 8259) into a tree in an arena. */
#ifndef DYN_BASE_JSON_READ_H
#define DYN_BASE_JSON_READ_H

#include "base/arena.h"

typedef enum JsonKind {
  JSON_NULL,
  JSON_BOOL,
  JSON_NUMBER,
  JSON_STRING,
  JSON_LIST,
  JSON_OBJECT
} JsonKind;

typedef struct Json Json;
struct Json {
  JsonKind kind;
  double number;    /* of a bool: 0 or 1 */
  const char *text; /* of a string */
  const char *key;  /* of a member of an object */
  size_t n;
  Json *at; /* the n elements of a list, or members of an object, in order */
};

/* NULL: *why says at which line it is no JSON. */
const Json *json_parse(Arena *a, const char *text, const char **why);
/* NULL: it is no object, or has no such member. NULL is allowed. */
const Json *json_member(const Json *object, const char *key);
/* The text of a string that is a member; NULL if there is none. */
const char *json_member_text(const Json *object, const char *key);

#endif
