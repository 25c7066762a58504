{
  "targets": [
    {
      "target_name": "heapproof",
      "sources": [
        "native/addon.cc",
        "native/base/address_filter.cc",
        "native/base/baseline_lines.cc",
        "native/base/block_file.cc",
        "native/base/bytecode_lines.cc",
        "native/base/bytecode_offset.cc",
        "native/base/bytecode_sizes.cc",
        "native/base/code_map.cc",
        "native/base/ending_signals.cc",
        "native/base/event_log.cc",
        "native/base/foreign_memory.cc",
        "native/base/fork_guard.cc",
        "native/base/got_patch.cc",
        "native/base/loaded_object.cc",
        "native/base/metadata_log.cc",
        "native/base/native_callers.cc",
        "native/base/native_heap.cc",
        "native/base/native_hooks.cc",
        "native/base/native_samples.cc",
        "native/base/native_threads.cc",
        "native/base/sampler.cc",
        "native/base/slot_writer.cc",
        "native/base/trace_table.cc",
        "native/base/watchdog.cc",
        "native/v8/array_buffer_counter.cc",
        "native/v8/code_watcher.cc",
        "native/v8/heap_counter.cc",
        "native/v8/isolate_host.cc",
        "native/v8/peak_watch.cc",
        "native/v8/polled_source.cc",
        "native/v8/profile_writer.cc",
        "native/v8/sample_source.cc",
        "native/v8/session.cc",
        "native/v8/session_view.cc",
        "native/v8/size_stats.cc",
        "native/v8/stack_walker.cc",
        "native/v8/worker_totals.cc"
      ],
      "include_dirs": ["<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_DISABLE_CPP_EXCEPTIONS"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17"],
      "cflags_cc": ["-std=gnu++20", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fvisibility=hidden", "-O2", "-fno-omit-frame-pointer"],
      "ldflags": ["-Wl,--exclude-libs,ALL", "-Wl,-z,now"],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES"
      }
    }
  ]
}
