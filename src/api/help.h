/* help.h: what the tables say about each name of the language; help and the reference show the same
   text. Shared by the files of this folder only. */
#ifndef DYN_API_HELP_H
#define DYN_API_HELP_H

#include <stdio.h>

#include "api/api.h"
#include "lang/builtin.h"
#include "lang/stdlib.h"

/* A word of the language: how it is written, and what it means. */
typedef struct Keyword {
  const char *word, *form, *doc;
} Keyword;

const Keyword *help_keyword(size_t i); /* NULL past the last */

/* What a unit is worth: "0.001 s". */
const char *help_unit(Arena *a, const char *name);

/* A group of builtins: those with one of `flags`; of no flags, those that are in no other group. */
typedef struct HelpGroup {
  const char *heading;
  unsigned flags;
} HelpGroup;

enum { HELP_GROUPS = 5 };
extern const HelpGroup help_groups[HELP_GROUPS];
bool help_in_group(const Builtin *b, const HelpGroup *g);

/* library.c: the tree of a file of the standard library. */
const Ast *library_parse(Arena *a, const StdlibFile *f);
/* The i-th declaration of the standard library, NULL past the last; the one with this
   name, "std.neurons.lif" or "lif"; and what help says about it, a LibraryItem. */
const LibraryItem *library_item(Dyn *d, size_t i);
const LibraryItem *library_find(Dyn *d, const char *name);
void library_put(FILE *out, const void *what);

/* Words of `text` in lines of at most 80 columns; the first begins with `indent`. */
void help_put_wrapped(FILE *out, const char *indent, const char *text);
/* Runs `put` on a stream in memory; the text lives as long as the Dyn. */
const char *help_text_of(Dyn *d, void (*put)(FILE *out, const void *what), const void *what);

#endif
