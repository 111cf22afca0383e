import Testing

@testable import Terminal

@Suite struct HistoryTests {
  @Test func movingKeepsWhatWasChanged() {
    var history = History(["one", "two"])
    #expect(history.move(to: 3, leaving: "") == nil)
    #expect(history.move(to: 1, leaving: "draft") == "two")
    #expect(history.move(to: 0, leaving: "two!") == "one")
    #expect(history.move(to: -1, leaving: "one") == nil)
    #expect(history.move(to: 1, leaving: "one") == "two!")
    #expect(history.move(to: 2, leaving: "two!") == "draft")
    #expect(history.add("three") == true)
    #expect(history.move(to: 1, leaving: "") == "two")
    #expect(history.lines == ["one", "two", "three"])
  }

  @Test func blankAndRepeatedLinesAreNotAdded() {
    var history = History()
    #expect(history.add("  \n") == false)
    #expect(history.add("a") == true)
    #expect(history.add("a") == false)
    #expect(history.add("b") == true)
    #expect(history.add("a") == true)
    #expect(history.lines == ["a", "b", "a"])
  }

  @Test func prefixes() {
    var history = History(["/drop 1", "hi", "/drop 2", "/bits"])
    #expect(history.place(withPrefix: "/drop", older: true) == 2)
    #expect(history.place(withPrefix: "/drop", older: false) == nil)
    _ = history.move(to: 2, leaving: "")
    #expect(history.place(withPrefix: "/drop", older: true) == 0)
    #expect(history.place(withPrefix: "/", older: false) == 3)
    #expect(History().place(withPrefix: "", older: true) == nil)
  }

  @Test func searching() {
    let lines = ["the sea", "a", "the sky", "b"]
    var search = HistorySearch(older: true, start: 4, lastQuery: "sea")
    #expect(search.handle("s", [], in: lines) == .searching)
    #expect(search.place == 2)
    #expect(search.prompt == "(reverse-i-search)`s': ")
    _ = search.handle("r", .control, in: lines)
    #expect(search.place == 0)
    _ = search.handle("s", .control, in: lines)
    #expect(search.place == 2)
    #expect(search.prompt == "(i-search)`s': ")
    _ = search.handle("z", [], in: lines)
    #expect(search.place == 2)
    #expect(search.prompt == "(failed i-search)`sz': ")
    #expect(search.handle("g", .control, in: lines) == .cancelled)
    #expect(search.handle(.escape, [], in: lines) == .accepted(passOn: false))
    #expect(search.handle(.enter, [], in: lines) == .accepted(passOn: true))

    var again = HistorySearch(older: true, start: 4, lastQuery: "sea")
    _ = again.handle("r", .control, in: lines)
    #expect(again.place == 0)
    _ = again.handle(.backspace, [], in: lines)
    #expect(again.query == "se")
    #expect(again.place == 0)
    _ = again.handle(.backspace, [], in: [])
    #expect(again.place == nil)
  }
}
