/* Asks one server over and over through keep-alive connections, and says how it went as JSON.

   load PORT CONNECTIONS WARM SECONDS REQUEST [VALUES]

   REQUEST is a file with a whole HTTP/1.1 request. `################` in it becomes a number that no other request of
   this process has; `@@@@@@@@@@@@@@@` becomes the next line of VALUES, each as long as that, from the first again after
   the last. Latencies are in microseconds, of the requests asked after WARM seconds: by then every connection has
   been taken up. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NUMBER "################"
#define VALUE "@@@@@@@@@@@@@@@"
#define WIDE (sizeof NUMBER - 1)
#define LONG (sizeof VALUE - 1)
#define MOST 8000000

typedef struct {
    int socket;
    double asked;
    size_t held, whole; /* bytes of an answer that are here, and that it has; 0 while that is not known */
    char answer[262144];
} Connection;

static char request[65536], *values;
static size_t length, many;
static ssize_t number_at = -1, value_at = -1;
static uint64_t asked, good, timed, bad;
static uint32_t *took;
static double from, until;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec + at.tv_nsec / 1e9;
}

static size_t all(const char *path, char **into, size_t room) {
    FILE *file = fopen(path, "rb");
    if (!file)
        fail(path);
    if (!*into && !(*into = malloc(room)))
        fail("memory");
    size_t read = fread(*into, 1, room, file);
    fclose(file);
    return read;
}

static void ask(Connection *c) {
    char number[WIDE + 1];
    if (number_at >= 0) {
        snprintf(number, sizeof number, "%05u%011llu", (unsigned)getpid() % 100000, (unsigned long long)asked);
        memcpy(request + number_at, number, WIDE);
    }
    if (value_at >= 0)
        memcpy(request + value_at, values + asked % many * (LONG + 1), LONG);
    asked++;
    c->held = c->whole = 0;
    c->asked = now();
    if (send(c->socket, request, length, MSG_NOSIGNAL) != (ssize_t)length)
        fail("send");
}

static void done(Connection *c) {
    double at = now();
    if (at >= from && at < until) {
        if (strncmp(c->answer, "HTTP/1.1 2", 10)) {
            if (!bad++)
                fprintf(stderr, "%.*s\n", (int)(c->held < 2000 ? c->held : 2000), c->answer);
        } else {
            good++;
            if (c->asked >= from && timed < MOST)
                took[timed++] = (uint32_t)((at - c->asked) * 1e6);
        }
    }
    if (at < until)
        ask(c);
}

static void hear(Connection *c) {
    ssize_t got = recv(c->socket, c->answer + c->held, sizeof c->answer - 1 - c->held, 0);
    if (got <= 0) {
        if (got < 0 && errno == EAGAIN)
            return;
        fail("the server hung up");
    }
    c->held += got;
    c->answer[c->held] = 0;
    if (!c->whole) {
        char *end = strstr(c->answer, "\r\n\r\n"), *said = end ? strcasestr(c->answer, "\r\ncontent-length:") : 0;
        if (!end)
            return;
        c->whole = end + 4 - c->answer + (said && said < end ? strtoul(said + 17, 0, 10) : 0);
    }
    if (c->held >= c->whole)
        done(c);
}

static int by_size(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(int count, char **given) {
    if (count < 6)
        return 2;
    int connections = atoi(given[2]), watch = epoll_create1(0), on = 1;
    char *into = request;
    length = all(given[5], &into, sizeof request - 1);
    char *found = strstr(request, NUMBER);
    number_at = found ? found - request : -1;
    if (count > 6 && (found = strstr(request, VALUE))) {
        value_at = found - request;
        many = all(given[6], &values, (LONG + 1) * 2000000) / (LONG + 1);
    }
    took = malloc(MOST * sizeof *took);
    Connection *all_of_them = calloc(connections, sizeof *all_of_them);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_port = htons(atoi(given[1]))};
    inet_pton(AF_INET, "127.0.0.1", &where.sin_addr);
    from = now() + atof(given[3]);
    until = from + atof(given[4]);
    for (int i = 0; i < connections; i++) {
        Connection *c = all_of_them + i;
        c->socket = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(c->socket, (struct sockaddr *)&where, sizeof where))
            fail("connect");
        setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        epoll_ctl(watch, EPOLL_CTL_ADD, c->socket, &(struct epoll_event){.events = EPOLLIN, .data.ptr = c});
        ask(c);
    }
    while (now() < until + 5) { /* the last answers are waited for, so that nothing is left for whoever is next */
        struct epoll_event ready[256];
        int waiting = 0, many_ready = epoll_wait(watch, ready, 256, 100);
        for (int i = 0; i < many_ready; i++)
            hear(ready[i].data.ptr);
        if (now() < until)
            continue;
        for (int i = 0; i < connections; i++)
            waiting += !all_of_them[i].whole || all_of_them[i].held < all_of_them[i].whole;
        if (!waiting)
            break;
    }
    qsort(took, timed, sizeof *took, by_size);
    printf("{\"good\": %llu, \"bad\": %llu, \"rate\": %.1f, \"p50\": %u, \"p99\": %u, \"worst\": %u}\n",
           (unsigned long long)good, (unsigned long long)bad, good / atof(given[4]), timed ? took[timed / 2] : 0,
           timed ? took[timed * 99 / 100] : 0, timed ? took[timed - 1] : 0);
    return timed ? 0 : 1;
}
