namespace ModelTrack.Client.Tracking.Search;

/// <summary>One condition as written, not yet checked against what the field allows.</summary>
/// <param name="Field">The field.</param>
/// <param name="Operator">One operator.</param>
/// <param name="Operand">What it compares with; empty after a null test.</param>
/// <param name="OperatorStart">Where the operator begins in the text.</param>
/// <param name="OperandStart">Where the operand begins.</param>
/// <param name="End">Where the clause ends.</param>
internal readonly record struct SearchClause(
    SearchField Field, SearchOperators Operator, SearchOperand Operand, int OperatorStart, int OperandStart, int End);
