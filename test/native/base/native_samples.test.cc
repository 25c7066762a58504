#include <doctest/doctest.h>

#include <deque>
#include <map>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

#include "native_add_on.h"

TEST_CASE("the isolate's own blocks are told at once, and so are their ends") {
  const AddOn add_on;
  NativeHeap& heap = TheNativeHeap();
  Listener listener;
  REQUIRE(heap.Attach(&listener, Every(1), 1) == "");
  CHECK(heap.Attach(&listener, Every(1), 1) != "");
  void* block = add_on.take(48);
  REQUIRE(listener.allocated.size() == 1);
  CHECK(listener.allocated[0].size == 48);
  CHECK(listener.allocated[0].thread == 0);
  CHECK(heap.ObjectPath(listener.allocated[0].object) == add_on.library.path());
  CHECK(heap.ObjectPath(0) == "");
  CHECK(heap.ObjectPath(1'000'000) == "");
  CHECK(heap.OwnMemory(&listener) > 0);

  // realloc is a free and an allocation.
  block = add_on.resize(block, 5'000);
  REQUIRE(listener.freed.size() == 1);
  CHECK(listener.freed[0].trace == 1001);
  CHECK(listener.freed[0].size == 48);
  REQUIRE(listener.allocated.size() == 2);
  add_on.give(block);
  REQUIRE(listener.freed.size() == 2);
  CHECK(listener.freed[1].trace == 1002);

  // Freed where nobody looks, and the address used again: the old block has ended all the same.
  void* lost = add_on.take(64);
  FreeUnseen(lost);
  std::vector<void*> more;
  for (int i = 0; i < 10'000 && (more.empty() || more.back() != lost); i++) more.push_back(add_on.take(64));
  for (void* each : more) add_on.give(each);
  heap.Deliver(&listener);
  const bool reused = more.back() == lost;  // not under sanitizers, which keep addresses back
  CHECK(listener.freed.size() == 2 + more.size() + (reused ? 1 : 0));

  heap.Detach(&listener);
  add_on.give(add_on.take(48));
  CHECK(listener.allocated.size() == 3 + more.size());
  CHECK(GotPatch::ChangedSlots() == 0);
}

TEST_CASE("blocks of other threads wait until they are asked for, in their order") {
  const AddOn add_on;
  NativeHeap& heap = TheNativeHeap();
  Listener listener;
  REQUIRE(heap.Attach(&listener, Every(1), 1) == "");
  void *first = nullptr, *second = nullptr, *own = add_on.take(11);
  {
    Worker pool, other;
    pool.Do([&] { first = add_on.take(22); });
    other.Do([&] { second = add_on.take(33); });
    pool.Do([&] {
      add_on.give(second);
      add_on.give(own);
    });
  }
  CHECK(listener.allocated.size() == 1);
  CHECK(listener.freed.empty());
  heap.Deliver(&listener);
  REQUIRE(listener.allocated.size() == 3);
  CHECK(listener.allocated[1].size == 22);
  CHECK(listener.allocated[2].size == 33);
  CHECK(listener.allocated[1].thread > 0);
  CHECK(listener.allocated[2].thread > 0);
  CHECK(listener.allocated[1].thread != listener.allocated[2].thread);
  CHECK(heap.ObjectPath(listener.allocated[2].object) == add_on.library.path());
  REQUIRE(listener.freed.size() == 2);
  CHECK(listener.freed[0].trace == 1003);
  CHECK(listener.freed[0].size == 33);
  CHECK(listener.freed[1].trace == 1001);

  // Its trace is known only since it was delivered.
  add_on.give(first);
  heap.Deliver(&listener);
  REQUIRE(listener.freed.size() == 3);
  CHECK(listener.freed[2].trace == 1002);
  heap.Detach(&listener);
}

TEST_CASE("every isolate has its own; threads of none belong to the one that began first") {
  const AddOn add_on;
  NativeHeap& heap = TheNativeHeap();
  Listener mine, others;
  Worker isolate, pool;
  const auto sizes = [](const std::vector<NativeSample>& samples) {
    std::multiset<uint64_t> all;
    for (const NativeSample& sample : samples) all.insert(sample.size);
    return all;
  };
  const auto work = [&](size_t size) { return [&add_on, size] { add_on.give(add_on.take(size)); }; };
  REQUIRE(heap.Attach(&mine, Every(1), 1) == "");
  isolate.Do([&] { CHECK(heap.Attach(&others, Every(1), 2) == ""); });
  work(1)();
  isolate.Do(work(2));
  pool.Do(work(3));
  heap.Deliver(&mine);
  isolate.Do([&] { heap.Deliver(&others); });
  CHECK(sizes(mine.allocated) == std::multiset<uint64_t>{1, 3});
  CHECK(sizes(others.allocated) == std::multiset<uint64_t>{2});

  heap.Detach(&mine);
  work(4)();
  pool.Do(work(5));
  isolate.Do([&] {
    heap.Deliver(&others);
    heap.Detach(&others);
  });
  pool.Do(work(6));
  CHECK(sizes(mine.allocated) == std::multiset<uint64_t>{1, 3});
  // This thread belongs to no isolate any more.
  CHECK(sizes(others.allocated) == std::multiset<uint64_t>{2, 4, 5});
  CHECK(mine.freed.size() == 2);
  CHECK(others.freed.size() == 3);
}

TEST_CASE("a new recording does not wait for the countdown of the last one") {
  const AddOn add_on;
  NativeHeap& heap = TheNativeHeap();
  Worker pool;
  const auto work = [&] {
    for (int i = 0; i < 100; i++) add_on.give(add_on.take(100));
  };
  Listener seldom, often;
  REQUIRE(heap.Attach(&seldom, Every(1 << 30), 1) == "");
  work();
  pool.Do(work);
  heap.Detach(&seldom);
  REQUIRE(heap.Attach(&often, Every(100), 1) == "");
  work();
  const size_t own = often.allocated.size();
  CHECK(own > 30);  // 63 are expected; fewer than this once in 10^11
  pool.Do(work);
  heap.Deliver(&often);
  CHECK(often.allocated.size() - own > 30);
  heap.Detach(&often);
}

TEST_CASE("a queue that nobody empties does not grow for ever") {
  const AddOn add_on;
  NativeHeap& heap = TheNativeHeap();
  Listener listener;
  REQUIRE(heap.Attach(&listener, Every(1), 1) == "");
  constexpr size_t kMore = 100;
  std::vector<void*> blocks(NativeHeap::kQueueLimit + kMore);
  Worker pool;
  pool.Do([&] {
    for (void*& block : blocks) block = add_on.take(16);
  });
  CHECK(heap.Lost(&listener) == kMore);
  CHECK(listener.long_queues == 1);
  // Frees are never lost.
  pool.Do([&] {
    for (void* block : blocks) add_on.give(block);
  });
  heap.Deliver(&listener);
  CHECK(listener.allocated.size() == NativeHeap::kQueueLimit);
  CHECK(listener.freed.size() == NativeHeap::kQueueLimit);
  pool.Do([&] { add_on.give(add_on.take(16)); });
  heap.Deliver(&listener);
  CHECK(listener.freed.size() == NativeHeap::kQueueLimit + 1);
  heap.Detach(&listener);
}

TEST_CASE("sizes alone") {
  const AddOn add_on;
  NativeHeap& heap = TheNativeHeap();
  REQUIRE(heap.AttachSizes() == "");
  Worker pool;
  for (const size_t size : {0, 1, 2, 3, 4, 5, 1024, 1025}) add_on.give(add_on.take(size));
  pool.Do([&] { add_on.give(add_on.take(1000)); });
  NativeSizes sizes;
  heap.ReadSizes(sizes);
  heap.DetachSizes();
  const std::map<size_t, std::pair<uint64_t, uint64_t>> expected = {{0, {2, 1}},       {1, {1, 2}}, {2, {2, 7}}, {3, {1, 5}},
                                                                    {10, {2, 2024}}, {11, {1, 1025}}};
  for (size_t i = 0; i < NativeSizes::kBuckets; i++) {
    const auto found = expected.find(i);
    CAPTURE(i);
    CHECK(sizes.count[i] == (found == expected.end() ? 0 : found->second.first));
    CHECK(sizes.bytes[i] == (found == expected.end() ? 0 : found->second.second));
  }
}

TEST_CASE("a forked child goes on as if nobody watched") {
  const AddOn add_on;
  NativeHeap& heap = TheNativeHeap();
  Listener listener;
  REQUIRE(heap.Attach(&listener, Every(1), 1) == "");
  void *sampled = add_on.take(100), *others = add_on.take(200);
  std::atomic<bool> going{true};
  // Threads that are likely to hold one of our locks at the moment of the fork. Not the allocator's: a child of a
  // program under AddressSanitizer waits for that for ever.
  constexpr int kThreads = 2;
  std::atomic<int> running{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; i++) {
    threads.emplace_back([&] {
      running++;
      while (going.load()) {
        heap.Lost(&listener);
        heap.ForThisIsolate();
      }
    });
  }
  while (running < kThreads) std::this_thread::yield();  // a thread that begins has the allocator's lock at times
  for (int i = 0; i < 5; i++) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(60);
      const size_t told = listener.allocated.size() + listener.freed.size();
      for (int n = 0; n < 1'000; n++) add_on.give(add_on.resize(add_on.take(n), n + 1));
#if !defined(__SANITIZE_THREAD__)  // which has no threads in a child like this
      std::thread([&] { add_on.give(others); }).join();
#endif
      add_on.give(sampled);
      heap.Deliver(&listener);
      heap.Detach(&listener);
      _exit(listener.allocated.size() + listener.freed.size() == told ? 0 : 1);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  going = false;
  for (std::thread& thread : threads) thread.join();
  CHECK(listener.freed.empty());
  add_on.give(sampled);
  add_on.give(others);
  CHECK(listener.freed.size() == 2);
  heap.Detach(&listener);
}

TEST_CASE("recordings begin and end while other threads allocate") {
  const AddOn add_on;
  NativeHeap& heap = TheNativeHeap();
  add_on.give(add_on.resize(add_on.take(1), 2));  // the loader has filled in all slots
  const auto slots = ImportSlots(add_on.library.path());
  const auto all_slots = BoundSlots();
  std::atomic<bool> going{true};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; i++) {
    threads.emplace_back([&add_on, &going, i] {
      std::deque<void*> kept;
      for (size_t n = i; going.load(std::memory_order_relaxed); n++) {
        kept.push_back(add_on.resize(add_on.take(n % 100), n % 300 + 1));
        if (kept.size() < 50) continue;
        add_on.give(kept.front());
        kept.pop_front();
      }
      for (void* block : kept) add_on.give(block);
    });
  }
  for (int i = 0; i < 500; i++) {
    Listener listener;
    if (heap.Attach(&listener, Every(i % 2 == 0 ? 1 : 1000), i) != "") FAIL("a recording did not begin");
    void* block = add_on.take(100);
    heap.Refresh();
    heap.Deliver(&listener);
    if (i % 3 == 0) heap.Detach(&listener);
    add_on.give(block);
    if (i % 3 != 0) heap.Detach(&listener);
    for (const NativeSample& sample : listener.freed) REQUIRE(sample.trace > 1000);
  }
  going = false;
  for (std::thread& thread : threads) thread.join();
  CHECK(ImportSlots(add_on.library.path()) == slots);
  CHECK(StillHeld(all_slots));
}
