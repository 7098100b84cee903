using Serving;

// MLflow's scoring server for a model of ML.NET: dotnet run -- --model models:/breast-cancer@champion --urls http://localhost:5001
await ServingApp.Create(args).RunAsync();
