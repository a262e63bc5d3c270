import { labelOf } from "./arguments";

const TITLES: Record<string, string> = {
  list_connections: "Your accounts",
  get_metrics: "Your numbers",
  growth_summary: "Growth",
  compare_periods: "Comparison of periods",
  compare_platforms: "Comparison of platforms",
  find_unusual_days: "Unusual days",
  find_trends: "Trends",
  forecast_metric: "Forecast",
  engagement_rates: "Engagement rates",
  concentration: "What your results depend on",
  top_content: "Top posts",
  format_performance: "Formats",
  best_times: "Best times",
  topic_performance: "Topics",
  get_audience: "Your audience",
  save_draft: "Save a draft",
  list_drafts: "Your drafts",
  list_goals: "Your goals",
  goal_progress: "Progress of your goals",
  suggest_goal: "Goals that fit",
  create_goal: "Set a goal",
  update_goal: "Change a goal",
  list_insights: "Your insights",
  create_plan_job: "Make a plan",
  get_job_status: "How far the plan is",
  get_plan: "Your plan",
  revise_plan: "Change the plan",
};

/** What a tool is called on its card. */
export const titleOf = (name: string) => TITLES[name] ?? labelOf(name);
