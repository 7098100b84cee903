using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Worker;

// A training as a service of a generic host: dotnet run -- --Tracking:Uri http://localhost:5000 --Training:Epochs 500
var builder = Host.CreateApplicationBuilder(args);
builder.Services.Configure<TrainingOptions>(options => options.Read(builder.Configuration.GetSection("Training")));

// One Tracker for the program, closed with the container, after the services have stopped. Without a URI: MLFLOW_TRACKING_URI, else ./mlruns.
builder.Services.AddModelTrack(options => options.TrackingUri = builder.Configuration["Tracking:Uri"]);
builder.Services.AddHostedService<TrainingWorker>();

await builder.Build().RunAsync();
