import Testing

@testable import Templates

struct LocalTimeTests {
  /// Expected values are of Python's `datetime.strftime`.
  @Test(arguments: [
    (
      LocalTime(year: 2024, month: 2, day: 29, hour: 13, minute: 5, second: 9),
      "Thu Thursday 29 Feb February 24 2024 060 01 PM 4 4"
    ),
    (LocalTime(year: 2023, month: 12, day: 31, hour: 0), "Sun Sunday 31 Dec December 23 2023 365 12 AM 0 7"),
    (LocalTime(year: 2000, month: 1, day: 1, hour: 12), "Sat Saturday 01 Jan January 00 2000 001 12 PM 6 6"),
    (LocalTime(year: 1999, month: 3, day: 1, hour: 23), "Mon Monday 01 Mar March 99 1999 060 11 PM 1 1"),
    (LocalTime(year: 2100, month: 12, day: 31), "Fri Friday 31 Dec December 00 2100 365 12 AM 5 5"),
  ])
  func formats(_ time: LocalTime, _ expected: String) {
    #expect(time.formatted("%a %A %d %b %B %y %Y %j %I %p %w %u").string == expected)
  }

  @Test func leavesUnknownDirectives() {
    let time = LocalTime(year: 2024, month: 2, day: 9, hour: 3)
    #expect(time.formatted("100%% %Q %-d %e %-H é% ").string == "100% %Q 9  9 3 é% ")
    #expect(time.formatted("%").string == "%")
    #expect(time.formatted("%-").string == "%-")
  }

  @Test func impossibleDatesAreClamped() {
    #expect(LocalTime(year: 2024, month: 99, day: -1).formatted("%B %d").string == "December 01")
  }
}
