import Testing

@testable import Inference

@Suite struct CrewTests {
  /// Lets a crew run for `milliseconds` on end, of which one worker is off its processor for `late`, and
  /// tells the time.
  private struct Trial {
    var crew: Crew
    var now = ContinuousClock.now

    init(most: Int) { crew = Crew(most: most) }

    mutating func run(_ milliseconds: Int, late: Int = 0) {
      let end = now + .milliseconds(milliseconds)
      crew.hasRun(from: now, to: end, kept: .milliseconds(late))
      now = end
    }
  }

  @Test func whoIsSeldomLateStays() {
    var trial = Trial(most: 2)
    for _ in 0..<100 { trial.run(10, late: 4) }
    #expect(trial.crew.count == 2)
  }

  @Test func oneTimeSliceTellsLittle() {
    var trial = Trial(most: 2)
    trial.run(10, late: 9)
    for _ in 0..<20 { trial.run(3) }
    #expect(trial.crew.count == 2)
  }

  /// With more workers less has to be lost for one fewer to be as fast, but never less than a quarter.
  @Test(arguments: [(2, 30), (3, 20), (4, 15), (16, 15)])
  func whoIsOftenLateIsLeftOut(most: Int, late: Int) {
    var trial = Trial(most: most)
    trial.run(50, late: late - 6)
    #expect(trial.crew.count == most)
    trial.run(50, late: late)
    #expect(trial.crew.count == most - 1)
  }

  @Test func oneMoreIsTriedLaterAndLater() {
    var trial = Trial(most: 2), tries: [Duration] = []
    let start = trial.now
    while tries.count < 6 {
      let before = trial.crew.count
      trial.run(50, late: 40)
      if trial.crew.count > before { tries.append(trial.now - start) }
    }
    let pauses = zip(tries, tries.dropFirst()).map { $1 - $0 }
    // Each try takes a run itself.
    #expect(pauses == [450, 850, 1650, 2050, 2050].map { .milliseconds($0) })
  }

  /// However long the pauses had become, they are short again when one more does no harm.
  @Test func allComeBackWhenNoneIsLate() {
    var trial = Trial(most: 8)
    for _ in 0..<100 { trial.run(50, late: 45) }
    #expect(trial.crew.count == 1)
    let start = trial.now
    while trial.crew.count < 8 && trial.now - start < .seconds(60) { trial.run(10) }
    #expect(trial.now - start < .seconds(5))
  }

  /// A pause counts as it passes, not as it is worked in.
  @Test func aPauseEndsWhileNothingRuns() {
    var trial = Trial(most: 2)
    trial.run(50, late: 40)
    #expect(trial.crew.count == 1)
    trial.now += .seconds(1)
    trial.run(1)
    #expect(trial.crew.count == 2)
  }
}
