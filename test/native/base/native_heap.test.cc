#include <doctest/doctest.h>

#include <pthread.h>

#include "native_add_on.h"

TEST_CASE("calls are counted to the byte while somebody wants them counted") {
  const AddOn add_on;
  NativeHeap& heap = TheNativeHeap();
  add_on.give(add_on.resize(add_on.take(1), 2));  // the loader has filled in all slots
  const auto slots = ImportSlots(add_on.library.path());
  const auto all_slots = BoundSlots();
  NativeTotals start = heap.ForThisIsolate();
  add_on.give(add_on.take(100));
  CHECK_TOTALS(start, 0, 0, 0);

  REQUIRE(heap.CountOnly(true) == "");
  REQUIRE(heap.CountOnly(true) == "");
  start = heap.ForThisIsolate();
  void* block = add_on.take(100);
  CHECK_TOTALS(start, 100, 1, 0);
  block = add_on.resize(block, 250);
  CHECK_TOTALS(start, 350, 2, 1);
  add_on.give(block);
  CHECK_TOTALS(start, 350, 2, 2);
  add_on.give(nullptr);
  CHECK_TOTALS(start, 350, 2, 2);
  add_on.give(add_on.take(0));
  CHECK_TOTALS(start, 350, 3, 3);
  block = add_on.resize(nullptr, 10);
  CHECK_TOTALS(start, 360, 4, 3);
  add_on.give(add_on.resize(block, 0));
  // To no bytes is a free. Where it gives a block of no bytes all the same, that is a call and a free more.
  const NativeTotals since = Since(start);
  CHECK(since.bytes == 360);
  CHECK(since.calls == since.frees);

  CHECK(heap.CountOnly(false) == "");
  start = heap.ForThisIsolate();
  add_on.give(add_on.take(100));
  CHECK_TOTALS(start, 100, 1, 1);
  CHECK(heap.CountOnly(false) == "");
  add_on.give(add_on.take(100));
  CHECK_TOTALS(start, 100, 1, 1);
  CHECK(ImportSlots(add_on.library.path()) == slots);
  CHECK(StillHeld(all_slots));
}

TEST_CASE("an isolate's numbers are its own thread's and those of threads of no isolate") {
  const AddOn add_on;
  NativeHeap& heap = TheNativeHeap();
  REQUIRE(heap.CountOnly(true) == "");
  heap.RegisterIsolateThread();
  Worker isolate;
  isolate.Do([&] { heap.RegisterIsolateThread(); });
  const auto work = [&](size_t size) { return [&add_on, size] { add_on.give(add_on.take(size)); }; };

  const NativeTotals start = heap.ForThisIsolate();
  NativeTotals others_start;
  isolate.Do([&] { others_start = heap.ForThisIsolate(); });
  work(1)();
  isolate.Do(work(1'000));
  {
    Worker pool;
    pool.Do(work(1'000'000));
    CHECK_TOTALS(start, 1'000'001, 2, 2);
  }
  // The pool thread has ended.
  CHECK_TOTALS(start, 1'000'001, 2, 2);
  isolate.Do([&] { CHECK_TOTALS(others_start, 1'001'000, 2, 2); });

  // What a thread did as an isolate's stays out of the others' numbers when the isolate is gone.
  isolate.Do([&] { heap.UnregisterIsolateThread(); });
  CHECK_TOTALS(start, 1'000'001, 2, 2);
  isolate.Do(work(10));
  CHECK_TOTALS(start, 1'000'011, 3, 3);
  // And what it did as nobody's does not leave them.
  isolate.Do([&] { heap.RegisterIsolateThread(); });
  CHECK_TOTALS(start, 1'000'011, 3, 3);
  isolate.Do([&] { heap.UnregisterIsolateThread(); });

  heap.UnregisterIsolateThread();
  heap.CountOnly(false);
}

TEST_CASE("what is allocated while a thread ends is counted") {
  const AddOn add_on;
  NativeHeap& heap = TheNativeHeap();
  REQUIRE(heap.CountOnly(true) == "");
  const NativeTotals start = heap.ForThisIsolate();
  pthread_key_t key;
  static const AddOn* at_end;
  at_end = &add_on;
  REQUIRE(pthread_key_create(&key, [](void*) { at_end->give(at_end->take(77)); }) == 0);
  std::thread([&] {
    pthread_setspecific(key, &heap);
    add_on.give(add_on.take(23));
  }).join();
  CHECK_TOTALS(start, 100, 2, 2);
  pthread_key_delete(key);
  heap.CountOnly(false);
}
