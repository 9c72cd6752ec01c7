/* doc.h: gives the `##` comments of a text to the declarations that they document. */
#ifndef DYN_SYNTAX_DOC_H
#define DYN_SYNTAX_DOC_H

#include "syntax/token.h"

/* Lines of `##` before a declaration, an item or a parameter belong to it, and so does one on the
   line where it begins. A first block with an empty line behind it belongs to the file. Items
   without a comment of their own have that of their statement. */
void doc_attach(Parser *p, Ast *file);

#endif
