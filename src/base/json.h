/* json.h: strings and numbers as JSON has them. */
#ifndef DYN_BASE_JSON_H
#define DYN_BASE_JSON_H

#include <stdio.h>

/* In quotes, escaped; a byte that is no UTF-8 becomes U+FFFD. NULL is the empty string. */
void json_string(FILE *out, const char *text);
/* The shortest text that reads back as the same number; JSON has none that is not finite: these are
   strings. */
void json_number(FILE *out, double x);

#endif
