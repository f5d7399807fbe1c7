#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    auths_tests::fuzz::stored_record(data);
});
