import Analysis

/// The newest report of each analysis, by the type of the report.
struct AnalysisReports: Sendable {
  private var reports: [ObjectIdentifier: any AnalysisReport] = [:]

  /// nil where there is none yet.
  subscript<Report: AnalysisReport>(type: Report.Type) -> Report? {
    get { reports[ObjectIdentifier(type)] as? Report }
    set { reports[ObjectIdentifier(type)] = newValue }
  }

  /// Replaces an earlier report of the same type.
  mutating func keep(_ report: any AnalysisReport) { reports[ObjectIdentifier(type(of: report))] = report }
}
