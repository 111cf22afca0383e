import Testing

@testable import Inference

/// Answers in a dialogue of plain text end where the next turn begins, wherever tokens are cut.
@Suite struct PlainTurnTests {
  static func answer(_ pieces: [String]) -> (text: String, isOver: Bool) {
    var turn = PlainTurn(), text = ""
    for piece in pieces {
      let (ready, isOver) = turn.append(AnswerToken(id: 1, text: piece, logProbability: 0))
      text += ready.map(\.text).joined()
      if isOver { return (text, true) }
    }
    return (text + turn.finish().map(\.text).joined(), false)
  }

  @Test(
    arguments: [
      ([" Paris", ".", "\n", "User", ":", " more"], "Paris.", true),
      (["Paris.\nUser: more"], "Paris.", true),
      ([" ", " Pa", "ris\nUs", "er", ": x"], "Paris", true),
      (["a\n", "\nUser", ":"], "a\n", true),
      (["a\nUser", "s: b"], "a\nUsers: b", false),
      (["a\nUse"], "a\nUse", false),
      (["User: is who asks\n"], "User: is who asks\n", false),
      (["é", "\n", "User:"], "é", true),
      ([], "", false),
    ])
  func endsAtTheNextTurn(pieces: [String], text: String, isOver: Bool) {
    let answer = Self.answer(pieces)
    #expect(answer.text == text && answer.isOver == isOver)
    let whole = pieces.joined()
    let characters = Self.answer(whole.map(String.init))
    #expect(characters.text == text && characters.isOver == isOver)
  }

  /// A text that cannot be the next turn's beginning is not held back.
  @Test func holdsBackNoMoreThanItMust() {
    var turn = PlainTurn()
    func ready(_ text: String) -> String {
      turn.append(AnswerToken(id: 1, text: text, logProbability: 0)).ready.map(\.text).joined()
    }
    #expect(ready("one") == "one")
    #expect(ready("\n") == "")
    #expect(ready("two") == "\ntwo")
    #expect(ready("\nUser") == "")
    #expect(ready("\n") == "\nUser")
  }
}
