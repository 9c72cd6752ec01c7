/* file.h: whole files and folders. Each function returns false and a message (in the arena) on
   failure; the message holds the system's reason. */
#ifndef DYN_BASE_FILE_H
#define DYN_BASE_FILE_H

#include "base/arena.h"

bool file_read(Arena *a, const char *path, char **text, size_t *n, const char **why);
/* Writes beside and renames, so that a reader sees the old file or the new one. */
bool file_write(Arena *a, const char *path, const void *data, size_t n, const char **why);
bool file_exists(const char *path);
bool folder_is_empty(const char *path); /* one that cannot be read counts as full */
bool folder_make(Arena *a, const char *path, const char **why);   /* with parents */
bool folder_remove(Arena *a, const char *path, const char **why); /* with what is in it */
/* Puts folder `fresh` where `path` is: an earlier folder is moved aside, then removed. */
bool folder_swap(Arena *a, const char *fresh, const char *path, const char **why);
/* Calls `visit` for each name in a folder but . and ..; none if it cannot be read. */
void folder_each(Arena *a, const char *path,
                 void (*visit)(void *ctx, const char *path, const char *name), void *ctx);
const char *path_join(Arena *a, const char *dir, const char *name);
/* "out" and "out/" with ".part": "out.part" */
const char *path_suffixed(Arena *a, const char *folder, const char *suffix);
const char *path_dir(Arena *a, const char *path);  /* "." if there is none */
const char *path_stem(Arena *a, const char *path); /* file name without its last extension */

#endif
