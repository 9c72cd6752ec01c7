/* diag.h: what is wrong with a model, told at its place. A diagnostic has a stable code (a row in
   diag.def), a place, a message and any number of notes, each with a place of its own. Nothing is
   printed when it is added; diag_print writes the source line and a caret. */
#ifndef DYN_BASE_DIAG_H
#define DYN_BASE_DIAG_H

#include <stdio.h>

#include "base/source.h"

typedef enum DiagLevel { DIAG_ERROR, DIAG_WARNING, DIAG_NOTE } DiagLevel;

typedef enum DiagCode {
  DIAG_NONE,
#define DIAG(code, title, text, bad, good) code,
#include "base/diag.def"
#undef DIAG
  DIAG_COUNT
} DiagCode;

typedef struct Diag {
  struct Diag *next;
  struct Diag *notes; /* level DIAG_NOTE, in order */
  DiagLevel level;
  DiagCode code;
  Where at;
  bool in_order; /* it is shown after those before it, wherever it is */
  const char *msg;
} Diag;

typedef struct DiagList {
  Arena *arena;
  Diag *first, *last;
  int errors, warnings;
  int limit;     /* at most this many errors are kept (0: 20) */
  bool in_order; /* those that are added from now on */
} DiagList;

/* What `explain` prints. */
typedef struct DiagInfo {
  const char *code;       /* "E0213" */
  const char *title;      /* "unlike dimensions" */
  const char *text;       /* what it means, two or three sentences */
  const char *bad, *good; /* an example and its mend */
} DiagInfo;

const DiagInfo *diag_info(DiagCode code);
const DiagInfo *diag_info_by_name(const char *code); /* NULL if there is none */

void diag_init(DiagList *d, Arena *a);
/* Adds an error (or a warning, when the code begins with W). Returns it so that notes may follow.
   An error at the very place of an earlier error with the same message is dropped, and a warning
   at that of an earlier one with the same code: a loop or a sweep warns once. */
Diag *diag_add(DiagList *d, DiagCode code, Where at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
Diag *diag_vadd(DiagList *d, DiagCode code, Where at, const char *fmt, va_list ap);
/* Has it one of this code at this place? Another warning there is not taken in. */
bool diag_is_there(const DiagList *d, DiagCode code, Where at);
void diag_note(DiagList *d, Diag *to, Where at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

typedef enum DiagStyle { DIAG_PLAIN, DIAG_COLOUR, DIAG_JSON } DiagStyle;
void diag_print(FILE *out, const Diag *d, DiagStyle style);         /* with its notes */
void diag_print_all(FILE *out, const DiagList *d, DiagStyle style); /* in order of place */

/* The name nearest to `name` among n candidates by edit distance, or NULL if none is near. */
const char *nearest_name(const char *name, const char *const *names, size_t n);

#endif
