/* test_sha256.c: the examples of FIPS 180-4 and NIST's byte-oriented test vectors. */
#include <stdlib.h>

#include "check.h"
#include "report/sha256.h"

static const struct {
  const char *text, *hex;
} known[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnop"
     "q"
     "rsmnopqrstnopqrstu",
     "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
};

int main(void) {
  char hex[65];
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    sha256_hex(known[i].text, strlen(known[i].text), hex);
    CHECK(strcmp(hex, known[i].hex) == 0, "\"%s\" gives %s", known[i].text, hex);
  }
  char *million = malloc(1000000);
  memset(million, 'a', 1000000);
  sha256_hex(million, 1000000, hex);
  CHECK(strcmp(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0") == 0,
        "a million a give %s", hex);
  free(million);
  return check_done("sha256");
}
