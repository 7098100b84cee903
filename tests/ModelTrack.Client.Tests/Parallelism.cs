// Much of a test is waiting for files, for other processes, and for a server that is away. What changes or measures the whole process is
// marked NonParallelizable.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(4)]
