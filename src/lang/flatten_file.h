/* flatten_file.h: what the files of flatten share: files, the names in them, and changes of their
   texts. */
#ifndef DYN_LANG_FLATTEN_FILE_H
#define DYN_LANG_FLATTEN_FILE_H

#include "base/text.h"
#include "lang/core.h"

/* A piece of the text that is replaced. */
typedef struct Edit {
  Span span;
  const char *text;
} Edit;

typedef struct FlatFile FlatFile;
struct FlatFile {
  const Ast *tree;
  const char *name;   /* as it is imported: "std.tasks", "lab.dyn" */
  const char *prefix; /* before its names; NULL: the model itself */
  Map declared;       /* name to const Ast *: the statement of the file that declares it */
  Map names;          /* name to Ast *: AST_IMPORT or AST_FROM that brings it */
  Map needed;         /* of an imported file: statements by their place, to const Ast * */
  VEC(Edit) edits;
  bool written;
};

typedef struct Flat {
  Ev *ev;
  Arena *arena;
  VEC(FlatFile *) files; /* the model first */
  bool failed;
} Flat;

/* The file with this tree, made when it is first asked for. */
FlatFile *flat_file(Flat *f, const Ast *tree, const char *name, const char *prefix);
/* The file that an import statement brings. */
FlatFile *flat_imported(Flat *f, const Ast *s);
void flat_edit(Flat *f, FlatFile *file, Span span, const char *text);

/* flatten_names.c: marks what a statement of the file needs, and renames what it refers to. */
void flat_walk_statement(Flat *f, FlatFile *file, const Ast *s);

#endif
