/* Copyright (c) nobody. */
#include <stdio.h>

#define SQUARE(x) ((x) * (x))
#define LONG_MACRO(x) \
    do {              \
        use(x);       \
    } while (0)

// A list node.
struct node {
    int value;
    struct node *next;
};

typedef struct {
    int x, y;
} point;

typedef enum color { RED, GREEN } color_t;

union bits { int i; float f; };

static int counter = 0;

int add(int a, int b);

/**
 * Adds.
 */
int
add(int a, int b)
{
    return a + b;
}

static inline struct node *make(int value) { return 0; }

void (*handler(int signal))(int)
{
    return 0;
}

int old_style(a, b)
    int a;
    int b;
{
    return a + b;
}

#ifdef WITH_EXTRA
/* Only with extras. */
void extra(void) {
    puts("extra");
}
#else
void plain(void) {}
#endif

static const struct option options[] = {
    {"help", 0},
    {"version", 1},
    {NULL, 0},
};

int main(int argc, char **argv)
{
    int i;

    for (i = 0; i < argc; i++) {
        switch (argv[i][0]) {
        case 'a':
            puts("a");
            puts("aa");
            puts("aaa");
            break;
        case 'b':
            puts("b");
            puts("bb");
            puts("bbb");
            break;
        default:
            puts("other");
        }
    }

    /* report */
    if (counter > 0) {
        puts("some");
    } else {
        puts("none");
    }

    return 0;
}

void unclosed(int x) {
    if (x) {
        puts("x");
