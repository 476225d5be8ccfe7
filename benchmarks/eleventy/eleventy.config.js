// One template, no watcher, no copied files: what a user with many pages of one kind would set.
export default function (config) {
  config.setUseGitIgnore(false);
  return { templateFormats: ["11ty.js"] };
}
