// A library that treats its threads as OpenBLAS does: they start when it is loaded, end before a fork, and
// start again as soon as it is told their number.
#include <pthread.h>
#include <unistd.h>

#include <optional>
#include <thread>

namespace {
int number = 2;
bool stop = false;
pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t change = PTHREAD_COND_INITIALIZER;
std::optional<std::thread> helper;

void wait_for_work() {
  ::pthread_mutex_lock(&mutex);
  while (!stop) ::pthread_cond_wait(&change, &mutex);
  ::pthread_mutex_unlock(&mutex);
}

void start() {
  stop = false;
  if (!helper) helper.emplace(wait_for_work);
}
}  // namespace

extern "C" {
int blas_thread_shutdown_() {
  if (!helper) return 0;
  ::pthread_mutex_lock(&mutex);
  stop = true;
  ::pthread_cond_signal(&change);
  ::pthread_mutex_unlock(&mutex);
  helper->join();
  helper.reset();
  return 0;
}

void openblas_set_num_threads(int threads) {
  start();
  number = threads;
}

int openblas_get_num_threads() { return number; }
}

namespace {
const bool loaded = [] {
  ::pthread_atfork([] { blas_thread_shutdown_(); }, nullptr, nullptr);
  start();
  return true;
}();
}  // namespace
